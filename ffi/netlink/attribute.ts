/**
 * Makes attributes of the kinds that protocols use.
 * Pure. Source: include/net/netlink.h, Linux 6.12.
 */

import { cString } from "../cstring.ts";
import { type Attribute, encodeAttributes } from "./message.ts";

function numberBytes(size: number, write: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** Makes an attribute of one byte. */
export function u8Attribute(type: number, value: number): Attribute {
  return { type, value: numberBytes(1, (view) => view.setUint8(0, value)) };
}

/** Makes an attribute of 16 bits in the machine's order. */
export function u16Attribute(type: number, value: number): Attribute {
  return { type, value: numberBytes(2, (view) => view.setUint16(0, value, true)) };
}

/** Makes an attribute of 32 bits in the machine's order. */
export function u32Attribute(type: number, value: number): Attribute {
  return { type, value: numberBytes(4, (view) => view.setUint32(0, value, true)) };
}

/** Makes an attribute of 32 bits in network order, which nftables wants. */
export function be32Attribute(type: number, value: number): Attribute {
  return { type, value: numberBytes(4, (view) => view.setUint32(0, value, false)) };
}

/** Makes an attribute of 64 bits in network order, which nftables wants. */
export function be64Attribute(type: number, value: bigint): Attribute {
  return { type, value: numberBytes(8, (view) => view.setBigUint64(0, value, false)) };
}

/** Makes an attribute of text with its NUL. */
export function textAttribute(type: number, value: string): Attribute {
  return { type, value: cString(value) };
}

/**
 * Makes an attribute of a struct with attributes behind it and without NLA_F_NESTED, such as
 * VETH_INFO_PEER: an ifinfomsg, then the peer's attributes.
 */
export function structAttribute(
  type: number,
  head: Uint8Array,
  attributes: readonly Attribute[],
): Attribute {
  const rest = encodeAttributes(attributes);
  const value = new Uint8Array(head.length + rest.length);
  value.set(head);
  value.set(rest, head.length);
  return { type, value };
}
