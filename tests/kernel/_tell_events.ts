/** A program for events_test.ts: tells of many events as fast as it can. Words: state root, writer, count. */

import { renderEvent, tellEvents } from "../../src/runtime/events.ts";
import { setStateRoot } from "../../src/runtime/state_root.ts";

const [root = "", writer = "", count = "0"] = Deno.args;
setStateRoot(root);
for (let number = 0; number < Number(count); number++) {
  const subject = { id: `${writer}-${number}`, name: "web", image: "x".repeat(200), labels: {} };
  tellEvents([renderEvent(subject, "start")]);
}
