// What the types have to say; a line that is not true does not compile.

import type {
  Certainty,
  Event,
  EventPage,
  EventStatus,
  ListEventsErrors,
  ListPlacesData,
  PlaceBrief,
  PlaceKind,
  Problem,
  ProvisionBrief,
} from "./dateline";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const truths: [
  Same<Event["status"], EventStatus>,
  Same<EventStatus, "occurred" | "ongoing" | "expected" | "failed">,
  Same<Event["certainty"], Certainty>,
  Same<Event["place"], PlaceBrief | null>,
  Same<Event["deaths"]["best"], number | null>,
  Same<Event["date"]["start"], string | null>,
  Same<Event["fulfils"], Array<ProvisionBrief>>,
  Same<EventPage["next"], string | null>,
  Same<EventPage["count"], number | null>,
  Same<EventPage["results"], Array<Event>>,
  Same<ListEventsErrors[400], Problem>,
  Same<NonNullable<ListPlacesData["query"]>["kind"], Array<PlaceKind> | undefined>,
] = [true, true, true, true, true, true, true, true, true, true, true, true];
