/**
 * Conditions on arguments as tests of 32-bit words, which is all that classic BPF can compare. Pure.
 *
 * All rules for one call become one level of tests. The order of tests is libseccomp's: what it decides when several
 * rules with different actions are true is decided here alike. See seccomp_rule_add(3). Versions up to 2.6 err where
 * several bounds of 64 bits meet, and where a bound or NE is one of several conditions; here such rules mean what they
 * say. `tests/seccomp/libseccomp_test.ts` draws the line.
 */

import type { Action, Condition, Operator } from "./seccomp_rule.ts";

/** How a word is compared with a value. */
export type Comparison = "EQ" | "GT" | "GE" | "MASKED";

/** Where a test leads: to a verdict, to further tests, or nowhere, which means to the next test of its level. */
export type Branch = Action | Level | undefined;

/** Tests of which the first that leads to a verdict counts. */
export type Level = Test[];

/** A test of one word. */
export interface Test {
  /** Twice the argument's index, one more for its upper half. */
  readonly word: number;
  /** The condition's kind: tests of a higher rank stand first. */
  readonly rank: number;
  /** Whether smaller values stand first. */
  readonly isAscending: boolean;
  readonly comparison: Comparison;
  readonly mask: number;
  readonly value: number;
  /** The condition's whole value, of which this word is a half. */
  readonly whole: bigint;
  onTrue: Branch;
  onFalse: Branch;
}

/** What the caller learns of two rules that contradict each other; it knows their names. */
export class Contradiction extends Error {}

const WORD = 0xffff_ffff;

/** Equality is the most specific; where rules of one rank overlap, the tighter bound stands first. */
const RANKS: Readonly<Record<Operator, number>> = {
  SCMP_CMP_EQ: 3,
  SCMP_CMP_NE: 3,
  SCMP_CMP_MASKED_EQ: 3,
  SCMP_CMP_LE: 2,
  SCMP_CMP_LT: 2,
  SCMP_CMP_GE: 1,
  SCMP_CMP_GT: 1,
};

/** The comparison of a lower half, and whether the condition is true where it is false. */
const LOWER: Readonly<Record<Operator, readonly [comparison: Comparison, isNegated: boolean]>> = {
  SCMP_CMP_EQ: ["EQ", false],
  SCMP_CMP_NE: ["EQ", true],
  SCMP_CMP_MASKED_EQ: ["MASKED", false],
  SCMP_CMP_GE: ["GE", false],
  SCMP_CMP_LT: ["GE", true],
  SCMP_CMP_GT: ["GT", false],
  SCMP_CMP_LE: ["GT", true],
};

/** What the tests are made for. */
export interface Width {
  /** Whether the upper halves count too. */
  readonly isWide: boolean;
}

/**
 * Makes tests of conditions that must all be true, each of another argument. The result is the action itself where
 * nothing is left to test.
 */
export function buildTests(conditions: readonly Condition[], action: Action, width: Width): Action | Test {
  const inOrder = conditions.filter((each) => !isAlwaysTrue(each, width)).toSorted((a, b) =>
    a.index - b.index
  );
  return chain(inOrder, 0, { action, ...width });
}

function isAlwaysTrue({ op, value }: Condition, { isWide }: Width): boolean {
  return op === "SCMP_CMP_MASKED_EQ" && (isWide ? value : BigInt.asUintN(32, value)) === 0n;
}

interface Chain extends Width {
  readonly action: Action;
}

/** Makes the tests from one condition on; two places that lead to the same tests get a copy each. */
function chain(conditions: readonly Condition[], from: number, options: Chain): Action | Test {
  const condition = conditions[from];
  if (condition === undefined) return options.action;
  const then = (): Branch => {
    const rest = chain(conditions, from + 1, options);
    return typeof rest === "number" ? rest : [rest];
  };
  const [comparison, isNegated] = LOWER[condition.op];
  const lower = makeTest(condition, comparison, false);
  if (isNegated) lower.onFalse = then();
  else lower.onTrue = then();
  return options.isWide ? upperTest(condition, lower, then) : lower;
}

/** Puts the test of the upper half before the one of the lower. */
function upperTest(condition: Condition, lower: Test, then: () => Branch): Test {
  const { op } = condition;
  const isEqual = makeTest(condition, op === "SCMP_CMP_MASKED_EQ" ? "MASKED" : "EQ", true);
  isEqual.onTrue = [lower];
  if (op === "SCMP_CMP_NE" || op === "SCMP_CMP_LT" || op === "SCMP_CMP_LE") isEqual.onFalse = then();
  if (RANKS[op] === RANKS.SCMP_CMP_EQ) return isEqual;
  const isGreater = makeTest(condition, "GT", true);
  isGreater.onFalse = [isEqual];
  if (op === "SCMP_CMP_GT" || op === "SCMP_CMP_GE") isGreater.onTrue = then();
  return isGreater;
}

function makeTest({ index, op, value, valueTwo }: Condition, comparison: Comparison, isUpper: boolean): Test {
  const half = (whole: bigint) => Number(isUpper ? whole >> 32n : whole & 0xffff_ffffn);
  const isMasked = op === "SCMP_CMP_MASKED_EQ";
  const mask = isMasked ? half(value) : WORD;
  const whole = isMasked ? valueTwo : value;
  return {
    word: 2 * index + (isUpper ? 1 : 0),
    rank: RANKS[op],
    isAscending: op === "SCMP_CMP_LT" || op === "SCMP_CMP_LE",
    comparison,
    mask,
    value: (half(whole) & mask) >>> 0,
    whole,
    onTrue: undefined,
    onFalse: undefined,
  };
}

/**
 * Puts a rule's tests where they belong in a level: before those of lower arguments, lower rank or wider bounds. A rule
 * with fewer conditions takes the place of those that it covers.
 *
 * @throws {Contradiction} when the same conditions lead to another action already
 */
export function insertTest(level: Level, test: Test): void {
  for (const [place, other] of level.entries()) {
    if (isSame(other, test)) return merge(other, test);
    if (comesAfter(other, test)) {
      level.splice(place, 0, test);
      return;
    }
  }
  level.push(test);
}

function isSame(a: Test, b: Test): boolean {
  return a.word === b.word && a.comparison === b.comparison && a.value === b.value && a.mask === b.mask;
}

function comesAfter(other: Test, test: Test): boolean {
  if (other.word !== test.word) return other.word < test.word;
  if (other.rank !== test.rank) return other.rank < test.rank;
  return other.isAscending ? other.value > test.value : other.value < test.value;
}

function merge(into: Test, from: Test): void {
  mergeBranch(into, from, "onTrue");
  mergeBranch(into, from, "onFalse");
}

function mergeBranch(into: Test, from: Test, side: "onTrue" | "onFalse"): void {
  const [ours, theirs] = [into[side], from[side]];
  if (theirs === undefined) return;
  if (ours === undefined) into[side] = theirs;
  else if (typeof ours === "number") {
    if (typeof theirs === "number" && ours !== theirs) chooseAction(into, from, side);
  } else if (typeof theirs === "number") {
    if (!leadsOnlyTo(ours, theirs)) throw new Contradiction();
    into[side] = theirs;
  } else for (const each of theirs) insertTest(ours, each);
}

/** Two bounds may share their upper half: beyond it, the tighter one decides. */
function chooseAction(into: Test, from: Test, side: "onTrue" | "onFalse"): void {
  if (isLeaf(into) || isLeaf(from)) throw new Contradiction();
  const isTighter = side === "onTrue" ? from.whole > into.whole : from.whole < into.whole;
  if (isTighter) into[side] = from[side];
}

function isLeaf({ onTrue, onFalse }: Test): boolean {
  return typeof onTrue !== "object" && typeof onFalse !== "object";
}

function leadsOnlyTo(level: Level, action: Action): boolean {
  return level.every(({ onTrue, onFalse }) =>
    [onTrue, onFalse].every((branch) =>
      branch === undefined || (typeof branch === "number" ? branch === action : leadsOnlyTo(branch, action))
    )
  );
}
