/** What all commands share: how a declaration becomes a command that can be called. */

import { readArgv } from "./argv.ts";
import { nameOperands, parseOptions } from "./call.ts";
import type { Call, Declaration, FlagRow } from "./declaration.ts";
import type { Session } from "./session.ts";

/** A command that can be called: it returns the exit code. */
export interface Runnable {
  readonly declaration: Declaration;
  readonly run: (argv: readonly string[], session: Session) => Promise<number>;
}

/** Does what a command is for and returns the exit code. */
export type Act<Declared extends Declaration> = (
  call: Call<Declared>,
  session: Session,
) => Promise<number> | number;

/** The row for help; `run` has one of its own, since its `-h` is the host name. */
export const HELP_OPTION = {
  name: "help",
  long: "--help",
  short: "-h",
  description: "show this help",
} as const satisfies FlagRow;

/** Makes a command callable. */
export function runnable<const Declared extends Declaration>(
  declaration: Declared,
  act: Act<Declared>,
): Runnable {
  return {
    declaration,
    async run(argv, session) {
      const { settings, operands: words, isHelp } = readArgv(argv, declaration);
      if (isHelp) return await printHelp(declaration, session);
      const options = parseOptions<Declared["options"]>(declaration.options, settings);
      const operands = nameOperands<Declared["operands"]>(words, declaration);
      return await act({ options, operands }, session);
    },
  };
}

/** Prints a command's help and returns the exit code; what renders it is loaded when it is asked for. */
export async function printHelp(declaration: Declaration, session: Session): Promise<number> {
  const { renderHelp } = await import("./render_help.ts");
  session.print(await renderHelp(declaration));
  return 0;
}
