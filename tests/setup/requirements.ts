/**
 * How a test says what it needs. A missing need skips the test and stands in its title; a need that MYCTR_MUST_HAVE
 * lists (`MYCTR_MUST_HAVE=root,userns,strace`) makes it fail instead, so that CI can't skip what its machine has.
 */

import {
  type Account,
  findAccount,
  isNeedName,
  type NeedName,
  NEEDS,
  ORDINARY_USER,
  readIfThere,
} from "./needs.ts";

const present = new Map<NeedName, boolean>();

/**
 * Returns name and `ignore` of a test that needs something:
 *
 * ```ts ignore
 * Deno.test({ ...requires("run: the process is pid 1", "root", "busybox"), fn() {} });
 * ```
 */
export function requires(name: string, ...needs: NeedName[]): { name: string; ignore: boolean } {
  const missing = needs.filter((need) => !isPresent(need));
  if (missing.length === 0) return { name, ignore: false };
  const title = `${name} (needs ${missing.join(", ")})`;
  const broken = missing.filter((need) => mustHave().includes(need));
  if (broken.length > 0) registerFailure(title, broken);
  return { name: title, ignore: true };
}

/** Returns the user that stands for everybody who isn't root; only for tests that require "tester". */
export function ordinaryUser(): Account {
  const account = findAccount(readIfThere("/etc/passwd"), ORDINARY_USER);
  if (account === undefined) throw new Error(`There is no user ${ORDINARY_USER}: deno task setup --install`);
  return account;
}

/** Returns the words that run a command as the ordinary user, with an environment of its own; needs root and setpriv. */
export function asOrdinaryUser(...command: string[]): string[] {
  const { name, uid, gid, home } = ordinaryUser();
  const env = [
    `HOME=${home}`,
    `USER=${name}`,
    "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    // What helps a network along is not everywhere: the tests that are about it ask for it.
    "MYCTR_DEFAULT_NETWORK=none",
  ];
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "env", "-i", ...env, ...command];
}

function isPresent(need: NeedName): boolean {
  const known = present.get(need) ?? NEEDS[need].isPresent();
  present.set(need, known);
  return known;
}

function mustHave(): NeedName[] {
  return (Deno.env.get("MYCTR_MUST_HAVE") ?? "").split(",").filter((word) => word !== "").map((word) => {
    if (!isNeedName(word)) {
      throw new Error(`MYCTR_MUST_HAVE: "${word}" is none of ${Object.keys(NEEDS).join(", ")}`);
    }
    return word;
  });
}

/** Beside the skipped test stands one that fails. */
function registerFailure(title: string, broken: readonly NeedName[]): void {
  Deno.test(`${title}: MYCTR_MUST_HAVE`, () => {
    throw new Error(`This machine must have ${broken.join(", ")}, says MYCTR_MUST_HAVE`);
  });
}
