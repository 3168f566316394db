/** Tests of readArgv(): docker's rules for options. */

import { deepEqual, throws } from "node:assert/strict";
import { type CommandShape, type ReadArgv, readArgv } from "./argv.ts";

const FLAG = { description: "" };
const VALUE = { description: "", placeholder: "value" };
const SHAPE: CommandShape = {
  path: "myctr run",
  stopsAtOperand: true,
  options: [
    { name: "interactive", short: "-i", long: "--interactive", ...FLAG },
    { name: "rm", long: "--rm", ...FLAG },
    { name: "quiet", short: "-q", long: "--quiet", ...FLAG },
    { name: "env", short: "-e", long: "--env", ...VALUE },
    { name: "network", long: "--network", aliases: ["--net"], ...VALUE },
    { name: "name", long: "--name", ...VALUE },
    { name: "explain", long: "--explain", ...VALUE, isValueOptional: true as const },
    { name: "help", long: "--help", ...FLAG },
    { name: "failStep", long: "--fail-step", ...VALUE, isHidden: true },
  ],
};

interface Row {
  readonly argv: string;
  readonly flags: readonly string[];
  readonly operands?: readonly string[];
  readonly isHelp?: true;
}

const ROWS: readonly Row[] = [
  { argv: "", flags: [] },
  {
    argv: "-i --rm host ls -la --rm",
    flags: ["--interactive", "--rm"],
    operands: ["host", "ls", "-la", "--rm"],
  },
  { argv: "--explain host", flags: ["--explain"], operands: ["host"] },
  { argv: "--explain=json host", flags: ["--explain=json"], operands: ["host"] },
  { argv: "--explain=true host", flags: ["--explain"], operands: ["host"] },
  { argv: "--explain=json --explain=false host", flags: [], operands: ["host"] },
  { argv: "--name a host", flags: ["--name=a"], operands: ["host"] },
  { argv: "--name=a host", flags: ["--name=a"], operands: ["host"] },
  { argv: "--name=a=b host", flags: ["--name=a=b"], operands: ["host"] },
  { argv: "--name= host", flags: ["--name="], operands: ["host"] },
  { argv: "--name --rm host", flags: ["--name=--rm"], operands: ["host"] },
  { argv: "--net host x", flags: ["--network=host"], operands: ["x"] },
  { argv: "-e A=1 x", flags: ["--env=A=1"], operands: ["x"] },
  { argv: "-eA=1 x", flags: ["--env=A=1"], operands: ["x"] },
  { argv: "-e=A=1 x", flags: ["--env=A=1"], operands: ["x"] },
  { argv: "-iqe A=1 x", flags: ["--interactive", "--quiet", "--env=A=1"], operands: ["x"] },
  { argv: "-iqeA x", flags: ["--interactive", "--quiet", "--env=A"], operands: ["x"] },
  { argv: "-e --rm=false x", flags: ["--env=--rm=false"], operands: ["x"] },
  { argv: "--rm=true x", flags: ["--rm"], operands: ["x"] },
  { argv: "--rm=1 -i=T x", flags: ["--rm", "--interactive"], operands: ["x"] },
  { argv: "--rm=false x", flags: [], operands: ["x"] },
  { argv: "--rm -i --rm=0 x", flags: ["--interactive"], operands: ["x"] },
  { argv: "--rm=false --rm x", flags: ["--rm"], operands: ["x"] },
  { argv: "-i -i=false x", flags: [], operands: ["x"] },
  { argv: "-- --rm x", flags: [], operands: ["--rm", "x"] },
  { argv: "x -- y", flags: [], operands: ["x", "--", "y"] },
  { argv: "- y", flags: [], operands: ["-", "y"] },
  { argv: "--rm --help --nonsense", flags: ["--rm", "--help"], isHelp: true },
  { argv: "x --help", flags: [], operands: ["x", "--help"] },
];

for (const { argv, flags, operands = [], isHelp = false } of ROWS) {
  Deno.test(`readArgv() reads "${argv}"`, () => {
    const read = readArgv(words(argv), SHAPE);
    deepEqual([flagsOf(read), read.operands, read.isHelp], [flags, operands, isHelp]);
  });
}

const MIXED: readonly Row[] = [
  { argv: "a --rm b", flags: ["--rm"], operands: ["a", "b"] },
  { argv: "a -- --rm", flags: [], operands: ["a", "--rm"] },
];

for (const { argv, flags, operands } of MIXED) {
  Deno.test(`readArgv() reads options between arguments: "${argv}"`, () => {
    const read = readArgv(words(argv), { ...SHAPE, stopsAtOperand: false });
    deepEqual([flagsOf(read), read.operands], [flags, operands]);
  });
}

const BAD = [
  { argv: "--nmae x", code: "usage", hint: 'Did you mean "--name"?' },
  { argv: "--nte x", code: "usage", hint: 'Did you mean "--net"?' },
  { argv: "--nonsense=1", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "--fail-stpe x", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "-x", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "-ix", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "-p 80 host", code: "unsupported", hint: 'Run "myctr run --help"' },
  { argv: "--publish 80 host", code: "unsupported", hint: 'Run "myctr run --help"' },
  { argv: "--name", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "-e", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "--rm=maybe", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "-i=", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "--constructor", code: "usage", hint: 'Run "myctr run --help"' },
] as const;

for (const { argv, code, hint } of BAD) {
  Deno.test(`readArgv() rejects "${argv}"`, () => {
    throws(() => readArgv(words(argv), SHAPE), { code, hint, message: /^Cannot use option "-/ });
  });
}

/** Writes each option in its one canonical form. */
function flagsOf({ settings }: ReadArgv): readonly string[] {
  return settings.map(({ option: { long }, text }) => text === undefined ? long : `${long}=${text}`);
}

function words(line: string): readonly string[] {
  return line === "" ? [] : line.split(" ");
}
