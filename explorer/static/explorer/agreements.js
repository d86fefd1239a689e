// The page of agreements: its form.

import { address } from "./address.js";
import { upgrade } from "./form.js";

upgrade(document.querySelector("form.filters"), (query) => location.assign(address(query)));
