/** Home: the composer starts a conversation. */

import { startsConversation } from "./ask.js";

startsConversation(document.querySelector("[data-composer]"));
