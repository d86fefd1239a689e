// What a frontend does: ask, be told what was wrong, follow pages. Prints what it got as JSON.

import { getEvent, listEvents } from "./dateline";
import { client } from "./dateline/client.gen";

client.setConfig({ baseUrl: process.argv[2] });

// How many pages there are from the one that starts at `cursor`.
async function pages(cursor?: string): Promise<number> {
  const page = await listEvents({ query: { place: ["Aghdam"], page_size: 1, cursor } });
  if (!page.data) throw new Error(page.error.detail);
  const next = page.data.next && new URL(page.data.next).searchParams.get("cursor");
  return next ? 1 + (await pages(next)) : 1;
}

async function main(): Promise<void> {
  const answer = await listEvents({ query: { place: ["Aghdam"] } });
  if (!answer.data) throw new Error(answer.error.detail);

  const refused = await listEvents({ query: { place: ["Agdem"] } });
  if (!refused.error) throw new Error("a place that is not known was found");
  const [{ parameter, code, suggestion }] = refused.error.errors;

  const missing = await getEvent({ path: { id: "nothing-here" } });

  const told = {
    found: answer.data.results[0].id,
    resolved: answer.data.resolved.place[0].id,
    refused: [parameter, code, suggestion],
    missing: missing.error?.type,
    pages: await pages(),
  };
  console.log(JSON.stringify(told));
}

void main();
