/** The files of the machine's root that no package brings: what maintainer scripts would make, and who is there. Pure. */

/** A user of the machine. */
export interface GuestUser {
  readonly name: string;
  readonly uid: number;
  /** The first of 65,536 subordinate ids; none: the user has no range. */
  readonly firstSubId?: number;
}

/** The users beside root. */
export const GUEST_USERS: readonly GuestUser[] = [
  { name: "user", uid: 1000, firstSubId: 100000 },
  { name: "bare", uid: 1001 },
];

const RANGES = GUEST_USERS.filter(({ firstSubId }) => firstSubId !== undefined)
  .map(({ name, firstSubId }) => `${name}:${firstSubId}:65536\n`).join("");

const SERVICE = `[Unit]
After=multi-user.target user@1000.service
Wants=user@1000.service
[Service]
ExecStart=/bin/busybox sh /usr/lib/vm/agent systemd
[Install]
WantedBy=multi-user.target
`;

/** Each file by its path, and its text. */
export const GUEST_FILES: Readonly<Record<string, string>> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    "messagebus:x:100:100::/nonexistent:/usr/sbin/nologin",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    ...GUEST_USERS.map(({ name, uid }) => `${name}:x:${uid}:${uid}::/home/${name}:/bin/sh`),
  ].map((line) => `${line}\n`).join(""),
  "etc/group": [
    "root:x:0:",
    "tty:x:5:",
    "shadow:x:42:",
    "messagebus:x:100:",
    "systemd-journal:x:101:",
    "nogroup:x:65534:",
    ...GUEST_USERS.map(({ name, uid }) => `${name}:x:${uid}:`),
  ].map((line) => `${line}\n`).join(""),
  "etc/shadow": ["root", ...GUEST_USERS.map(({ name }) => name)].map((name) => `${name}:!::0:99999:7:::\n`)
    .join(""),
  "etc/subuid": RANGES,
  "etc/subgid": RANGES,
  "etc/hostname": "vm\n",
  "etc/hosts": "127.0.0.1 localhost\n",
  "etc/machine-id": "",
  "etc/fstab": "",
  "etc/pam.d/common-account": "account required pam_permit.so\n",
  "etc/pam.d/common-auth": "auth required pam_permit.so\n",
  "etc/pam.d/common-password": "password required pam_permit.so\n",
  "etc/pam.d/common-session": "session required pam_permit.so\nsession optional pam_systemd.so\n",
  "etc/pam.d/common-session-noninteractive": "session required pam_permit.so\n",
  "etc/systemd/system/vm-agent.service": SERVICE,
  // There is no udev, whose rules open these to everybody.
  "etc/tmpfiles.d/vm.conf": "z /dev/net/tun 0666\nz /dev/fuse 0666\n",
  "var/lib/systemd/linger/user": "",
};

/** The symbolic links, each to what. */
export const GUEST_LINKS: Readonly<Record<string, string>> = {
  "etc/systemd/system/multi-user.target.wants/vm-agent.service": "../vm-agent.service",
  "etc/systemd/system/default.target": "/usr/lib/systemd/system/multi-user.target",
  "usr/bin/sh": "bash",
  ...Object.fromEntries(
    // What a machine of this kind does not need, and what would take its time.
    [
      "apparmor.service",
      "apt-daily.timer",
      "console-getty.service",
      "dev-hugepages.mount",
      "e2scrub_all.timer",
      "e2scrub_reap.service",
      "fstrim.timer",
      "getty@tty1.service",
      "ldconfig.service",
      "proc-sys-fs-binfmt_misc.automount",
      "serial-getty@ttyS0.service",
      "sys-kernel-debug.mount",
      "sys-kernel-tracing.mount",
      "systemd-binfmt.service",
      "systemd-firstboot.service",
      "systemd-hwdb-update.service",
      "systemd-journal-flush.service",
      "systemd-machine-id-commit.service",
      "systemd-pstore.service",
      "systemd-random-seed.service",
      "systemd-timesyncd.service",
    ].map((unit) => [`etc/systemd/system/${unit}`, "/dev/null"]),
  ),
};

/** The root file system that containers get: each directory of it. */
export const CONTAINER_DIRECTORIES = ["bin", "dev", "etc", "proc", "root", "run", "sys", "tmp"] as const;

/** The programs of busybox that the container's root names. */
export const CONTAINER_APPLETS = [
  "cat",
  "echo",
  "env",
  "grep",
  "hostname",
  "id",
  "ls",
  "mount",
  "ps",
  "pwd",
  "sh",
  "sleep",
  "stat",
  "touch",
  "true",
] as const;
