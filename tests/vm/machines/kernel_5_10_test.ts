/** Linux 5.10, older than what myctr asks for: it must say so. */

import { registerChecks } from "../checks.ts";

registerChecks({ kernel: "5.10" });
