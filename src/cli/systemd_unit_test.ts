/** Tests of renderUnit(). */

import { equal, match } from "node:assert/strict";
import { renderUnit, unitName, type UnitRequest } from "./systemd_unit.ts";

const REQUEST: UnitRequest = {
  name: "web",
  image: "alpine",
  myctr: ["/usr/local/bin/myctr"],
  stateRoot: "/home/me/.myctr",
  stopSeconds: 10,
  restart: "on-failure",
  after: [],
  wants: [],
  requires: [],
  isOfSystem: false,
};

Deno.test("renderUnit() starts a container, and stops it", () => {
  equal(
    renderUnit(REQUEST),
    `# container-web.service: made by "myctr generate systemd"

[Unit]
Description=Container web of alpine
RequiresMountsFor=/home/me/.myctr

[Service]
Type=exec
ExecStart=/usr/local/bin/myctr --root /home/me/.myctr start --attach web
ExecStop=/usr/local/bin/myctr --root /home/me/.myctr stop --timeout 10 web
Restart=on-failure
SuccessExitStatus=143 130
TimeoutStopSec=30
KillMode=mixed

[Install]
WantedBy=default.target
`,
  );
  equal(unitName("web"), "container-web.service");
});

Deno.test("renderUnit() takes what was asked for", () => {
  const unit = renderUnit({
    ...REQUEST,
    stopSeconds: -1,
    restart: "always",
    restartSeconds: 5,
    after: ["a.service", "b.target"],
    wants: ["a.service"],
    requires: ["c.mount"],
    isOfSystem: true,
  });
  for (
    const line of [
      "After=a.service b.target",
      "Wants=a.service",
      "Requires=c.mount",
      "Restart=always",
      "RestartSec=5",
      "TimeoutStopSec=infinity",
      "WantedBy=multi-user.target",
    ]
  ) match(unit, new RegExp(`^${line}$`, "m"));
});

Deno.test("renderUnit() lets no word be taken for more than it is", () => {
  const unit = renderUnit({
    ...REQUEST,
    stateRoot: '/a b/%h/$HOME/"\\\n',
    image: "x%n\nExecStartPre=/bin/false",
  });
  match(unit, /^ExecStart=\S+ --root "\/a b\/%%h\/\$\$HOME\/\\"\\\\\\x0a" start --attach web$/m);
  match(unit, /^RequiresMountsFor="\/a b\/%%h\/\$HOME\/\\"\\\\\\x0a"$/m);
  match(unit, /^Description=Container web of x%%n\?ExecStartPre=\/bin\/false$/m);
});
