/** Writes floating point numbers as Go does, rounded by their exact value, halves to even. Pure. */

import { Fault } from "./template_error.ts";

/** Decimal digits, and where the point stands in them: 0.012 is {digits: "12", point: -1}. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * Writes a number that is not negative by `e`, `f` or `g`, or their capitals; without a precision 6 digits behind the
 * point, and with `g` as few as tell the number.
 */
export function formatFloat(value: number, letter: string, precision: number | undefined): string {
  if (!Number.isFinite(value)) throw new Fault("the number is not finite");
  switch (letter) {
    case "f":
    case "F":
      return fixed(roundAt(exactDecimal(value), (point) => point + (precision ?? 6)), precision ?? 6);
    case "e":
    case "E":
      return exponential(roundAt(exactDecimal(value), () => (precision ?? 6) + 1), precision ?? 6, letter);
    default:
      return general(value, letter, precision);
  }
}

function general(value: number, letter: string, precision: number | undefined): string {
  // As in C, a precision of 0 counts as 1.
  const count = precision === undefined ? undefined : Math.max(precision, 1);
  const decimal = count === undefined ? shortestDecimal(value) : roundAt(exactDecimal(value), () => count);
  const digits = decimal.digits.replace(/0+$/, "");
  const { point } = decimal;
  // Where an exponent is written: from 1e+06 on, or where the digits asked for do not reach the point.
  const limit = count !== undefined && count > digits.length && digits.length >= point
    ? digits.length
    : count ?? 6;
  const exponent = point - 1;
  const isExponential = value !== 0 && (exponent < -4 || exponent >= limit);
  if (isExponential) {
    return exponential({ digits, point }, Math.max(digits.length - 1, 0), letter === "G" ? "E" : "e");
  }
  return fixed({ digits, point }, Math.max(digits.length - point, 0));
}

function fixed({ digits, point }: Decimal, behind: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = ("0".repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0))).slice(0, behind);
  return behind > 0 ? `${whole}.${fraction.padEnd(behind, "0")}` : whole;
}

function exponential({ digits, point }: Decimal, behind: number, letter: string): string {
  const exponent = digits === "" || /^0*$/.test(digits) ? 0 : point - 1;
  const fraction = digits.slice(1, behind + 1).padEnd(behind, "0");
  const sign = exponent < 0 ? "-" : "+";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits.charAt(0) || "0"}${behind > 0 ? `.${fraction}` : ""}${letter}${sign}${power}`;
}

/** As few digits as tell the number: those that JavaScript writes. */
function shortestDecimal(value: number): Decimal {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  if (value === 0) return { digits: "", point: 0 };
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

/** All digits of the number: m * 2^e, and for a negative e that is m * 5^-e * 10^e. */
function exactDecimal(value: number): Decimal {
  if (value === 0) return { digits: "", point: 0 };
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const high = bits.getBigUint64(0);
  const exponent = Number((high >> 52n) & 0x7ffn);
  const fraction = high & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const power = (exponent === 0 ? 1 : exponent) - 1075;
  const digits = (power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power)).toString();
  return { digits, point: digits.length + Math.min(power, 0) };
}

/** Keeps as many digits as `count` says for the place of the point. */
function roundAt({ digits, point }: Decimal, count: (point: number) => number): Decimal {
  const kept = count(point);
  if (kept >= digits.length) return { digits, point };
  if (kept < 0) return { digits: "", point: 0 };
  const [head, tail] = [digits.slice(0, kept), digits.slice(kept)];
  const isHalf = /^50*$/.test(tail);
  const isUp = isHalf ? Number(head.at(-1) ?? 0) % 2 === 1 : tail.charAt(0) >= "5";
  if (!isUp) return { digits: head, point };
  const raised = (BigInt(head || "0") + 1n).toString();
  return { digits: raised, point: point + Math.max(raised.length - head.length, 0) };
}
