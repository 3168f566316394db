/** What is said where a name or the beginning of an id leads to no container, or to several. Pure. */

import { CtrError } from "../errors.ts";

/** Builds the error for a reference that `count` ids begin with; 0: nothing has that name either. */
export function findError(reference: string, count: number): CtrError {
  if (count === 0) {
    return new CtrError(
      "not_found",
      `Cannot find container "${reference}": there is none of that name or id`,
      { hint: 'See "myctr list -a"' },
    );
  }
  return new CtrError("conflict", `Cannot find container "${reference}": ${count} ids begin so`, {
    hint: "Write more digits of the id",
  });
}
