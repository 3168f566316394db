/** Linux 6.12: programs in memory restricted, AppArmor that knows of user namespaces. */

import { registerChecks } from "../checks.ts";

registerChecks({ kernel: "6.12" });
