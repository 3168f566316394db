/** Rule sets from a seed, and calls to try them with. */

import { X32_SYSCALL_BIT } from "../../ffi/constants/seccomp.ts";
import {
  ABIS,
  type Action,
  ALLOW,
  type Condition,
  errnoAction,
  type Operator,
  type Rule,
  type RuleSet,
} from "../../src/security/seccomp_rule.ts";
import { type Abi, syscallNumbers } from "../../src/security/syscall_numbers.ts";
import { chance } from "../chance.ts";
import type { AbiCall } from "./model.ts";

/** A source of numbers that are the same for the same seed. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chance(seed);
  }

  /** Gives a whole number below `sides`. */
  roll(sides: number): number {
    return this.#next() * 2 ** 32 % sides;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.roll(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}

/** What rules a set may have. */
export interface Kind {
  readonly abis: readonly Abi[];
  readonly names: readonly string[];
  readonly operators: readonly Operator[];
  readonly values: readonly bigint[];
  /** How many conditions a rule has at most, each of another argument. */
  readonly mostConditions: number;
  readonly actions: readonly Action[];
  readonly mostRules: number;
}

/** Values that fit 32 bits, with their neighbours in reach. */
export const SMALL: readonly bigint[] = [0n, 1n, 2n, 5n, 7n, 38n, 40n, 0x8000_0000n, 0xffff_ffffn];

/** Values whose upper half matters too. */
export const LARGE: readonly bigint[] = [
  ...SMALL,
  0x1_0000_0000n,
  0x1_0000_0005n,
  0x5_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

const MASKS: readonly bigint[] = [
  1n,
  3n,
  0xffn,
  0xffff_ffffn,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0x1_0000_0001n,
];

/** Actions that all differ from the default one. */
export const ACTIONS: readonly Action[] = [ALLOW, errnoAction(2), errnoAction(3), 0x0003_0000];

/** Makes a rule set whose default is EPERM. */
export function makeRules(dice: Dice, kind: Kind): RuleSet {
  const rules = Array.from(
    { length: 1 + dice.roll(kind.mostRules) },
    (_, index) => makeRule(dice, kind, index),
  );
  return { abis: kind.abis, defaultAction: errnoAction(1), rules, flags: [] };
}

function makeRule(dice: Dice, kind: Kind, index: number): Rule {
  const indexes = [0, 1, 2].toSorted(() => dice.roll(3) - 1).slice(0, 1 + dice.roll(kind.mostConditions));
  const isPlain = dice.roll(12) === 0;
  return {
    names: [dice.pick(kind.names)],
    action: dice.pick(kind.actions),
    conditions: isPlain ? [] : indexes.map((each) => makeCondition(dice, kind, each)),
    where: `rule ${index}`,
  };
}

function makeCondition(dice: Dice, { operators, values }: Kind, index: number): Condition {
  const op = dice.pick(operators);
  const isMasked = op === "SCMP_CMP_MASKED_EQ";
  const value = dice.pick(isMasked ? MASKS : values);
  return { index, op, value, valueTwo: isMasked ? dice.pick(values) : 0n };
}

/** Makes calls that the rules are about, with arguments around their values. */
export function makeCalls(dice: Dice, { rules, abis }: RuleSet, count: number): AbiCall[] {
  const around = [...new Set(LARGE.flatMap((value) => [value - 1n, value, value + 1n]))];
  const names = [...new Set(rules.flatMap((rule) => rule.names)), "socketcall", "ipc"];
  return Array.from({ length: count }, () => {
    const abi = dice.pick(abis);
    const number = syscallNumbers(abi).get(dice.pick(names)) ?? (abi === "x32" ? X32_SYSCALL_BIT : 0);
    const args = [0, 1, 2].map(() => BigInt.asUintN(64, dice.pick(around)));
    return { abi, number, auditArch: ABIS[abi].auditArch, args };
  });
}
