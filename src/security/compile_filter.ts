/**
 * Compiles rules to a seccomp filter. Pure.
 *
 * The filter looks at the architecture, then finds by halves the range of numbers that holds the call, then tests
 * arguments where the verdict depends on them. Where it does not, number and architecture are all that is loaded: the
 * kernel notes such a call as always allowed, and runs no filter for it (since Linux 5.11).
 */

import { SECCOMP_DATA } from "../../ffi/constants/seccomp.ts";
import type { Branch, Comparison, Level, Test } from "./argument_tests.ts";
import type { Decision } from "./decide_calls.ts";
import { FilterWriter, type JumpCode, type Place } from "./filter_writer.ts";
import { listRanges, type Range } from "./list_ranges.ts";
import { ABIS, KILL_PROCESS, type RuleSet } from "./seccomp_rule.ts";
import type { Abi } from "./syscall_numbers.ts";

/**
 * Compiles rules; the result is `struct sock_filter[]`.
 *
 * @throws {CtrError} code "usage" if two rules contradict each other, "unsupported" if the filter gets too long
 */
export function compileFilter(ruleSet: RuleSet): Uint8Array<ArrayBuffer> {
  const writer = new FilterWriter();
  const starts = [...groupByArchitecture(ruleSet.abis)].toReversed().map(([auditArch, abis]) => {
    const { defaultAction } = ruleSet;
    writer.goTo(writeSearch(listChunks(listRanges(ruleSet, abis)), { writer, defaultAction }));
    return { auditArch, onTrue: writer.load(SECCOMP_DATA.nr) };
  });
  let place = writer.verdict(KILL_PROCESS);
  for (const { auditArch, onTrue } of starts) {
    place = writer.compare("JEQ", auditArch, { onTrue, onFalse: place });
  }
  writer.load(SECCOMP_DATA.arch);
  return writer.finish();
}

function groupByArchitecture(abis: readonly Abi[]): Map<number, readonly Abi[]> {
  const groups = new Map<number, readonly Abi[]>();
  for (const abi of abis) {
    const { auditArch } = ABIS[abi];
    groups.set(auditArch, [...groups.get(auditArch) ?? [], abi]);
  }
  return groups;
}

/** A range in which a few single numbers are decided otherwise. */
interface Chunk extends Range {
  readonly exceptions: readonly Range[];
}

/** More would make the search less balanced than it saves. */
const MOST_EXCEPTIONS = 2;

/** Joins ranges that a single number parts: a comparison for equality costs one instruction, two bounds cost two. */
function listChunks(ranges: readonly Range[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index];
    if (range === undefined) break;
    const exceptions: Range[] = [];
    while (exceptions.length < MOST_EXCEPTIONS) {
      const [single, next] = [ranges[index + 1], ranges[index + 2]];
      if (single === undefined || next?.first !== single.first + 1 || next.decision !== range.decision) break;
      exceptions.push(single);
      index += 2;
    }
    chunks.push({ ...range, exceptions });
  }
  return chunks;
}

interface Output {
  readonly writer: FilterWriter;
  readonly defaultAction: number;
}

/** Writes what finds the chunk of the number in the accumulator. */
function writeSearch(chunks: readonly Chunk[], output: Output): Place {
  const [only] = chunks;
  if (only === undefined) return output.writer.verdict(output.defaultAction);
  if (chunks.length === 1) return writeChunk(only, output);
  const middle = chunks.length >> 1;
  const bound = chunks[middle]?.first ?? 0;
  const onTrue = writeSearch(chunks.slice(middle), output);
  const onFalse = writeSearch(chunks.slice(0, middle), output);
  return output.writer.compare("JGE", bound, { onTrue, onFalse });
}

function writeChunk({ decision, exceptions }: Chunk, output: Output): Place {
  let place = writeDecision(decision, output);
  for (const { first, decision } of exceptions) {
    place = output.writer.compare("JEQ", first, {
      onTrue: writeDecision(decision, output),
      onFalse: place,
    });
  }
  return place;
}

function writeDecision(decision: Decision, { writer, defaultAction }: Output): Place {
  return typeof decision === "number"
    ? writer.verdict(decision)
    : writeLevel(decision, { writer, next: writer.verdict(defaultAction) });
}

interface TestOutput {
  readonly writer: FilterWriter;
  /** Where it goes on when no test leads to a verdict. */
  readonly next: Place;
}

function writeLevel(level: Level, { writer, next }: TestOutput): Place {
  return level.reduceRight((place, test) => writeTest(test, { writer, next: place }), next);
}

const JUMPS: Readonly<Record<Comparison, JumpCode>> = { EQ: "JEQ", MASKED: "JEQ", GT: "JGT", GE: "JGE" };
const WHOLE_WORD = 0xffff_ffff;

function writeTest(test: Test, output: TestOutput): Place {
  const { writer } = output;
  const onFalse = writeBranch(test.onFalse, output);
  const onTrue = writeBranch(test.onTrue, output);
  if (test.mask === 0 || onTrue === onFalse) return onTrue;
  writer.compare(JUMPS[test.comparison], test.value, { onTrue, onFalse });
  if (test.mask !== WHOLE_WORD) writer.and(test.mask);
  return writer.load(SECCOMP_DATA.args + 4 * test.word);
}

function writeBranch(branch: Branch, { writer, next }: TestOutput): Place {
  if (branch === undefined) return next;
  return typeof branch === "number" ? writer.verdict(branch) : writeLevel(branch, { writer, next });
}
