import { equal } from "node:assert/strict";
import type { Diagnosis } from "../doctor/judge.ts";
import { renderDiagnosis } from "./render_doctor.ts";

const DIAGNOSIS: Diagnosis = {
  canRun: true,
  verdict: "Containers of ann can run here",
  checks: [
    { name: "kernel", state: "ok", found: "Linux 6.12", from: "osrelease" },
    {
      name: "overlay",
      state: "limited",
      found: "in memory",
      from: "fsopen()",
      lost: "room",
      remedy: "a disk",
    },
  ],
};

Deno.test("renderDiagnosis() begins with the verdict and says for each lack what to do", () => {
  equal(
    renderDiagnosis(DIAGNOSIS, false),
    `Containers of ann can run here.

ok       kernel   Linux 6.12  [osrelease]
limited  overlay  in memory   [fsopen()]
                  lost  room
                  get   a disk
`,
  );
});

Deno.test("renderDiagnosis() colours the states where that is wanted", () => {
  equal(renderDiagnosis(DIAGNOSIS, true).includes("\x1b[33mlimited\x1b[0m  overlay"), true);
});
