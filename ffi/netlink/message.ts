/**
 * Netlink messages as bytes and as values; knows no socket.
 * Pure. Source: netlink(7), rtnetlink(7), include/uapi/linux/netlink.h, Linux 6.12.
 */

import { NLA, NLM_F, NLMSG, NLMSGERR_ATTR, RTM } from "../constants/netlink.ts";
import { nlattr, nlmsgerr, nlmsghdr } from "../layout/structs.ts";
import { ifaddrmsg, ifinfomsg, rtmsg } from "../layout/structs.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An attribute: bytes, or attributes within it. */
export interface Attribute {
  readonly type: number;
  readonly value: Bytes | readonly Attribute[];
}

/** A message: head, a struct that its type tells, attributes. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  /** An answer has the number of its request. */
  readonly sequence: number;
  /** The socket that the message goes to or comes from; 0 is the kernel. */
  readonly port: number;
  /** The struct behind the head: `ifinfomsg.encode(…)`. All there is, for NLMSG_ERROR and NLMSG_DONE. */
  readonly body: Bytes;
  readonly attributes: readonly Attribute[];
}

/** What {@linkcode encodeMessage} takes; what is left out is 0 or empty. */
export type MessageInput = Partial<Message> & Pick<Message, "type">;

/** Bytes that are no netlink message: the only thing that decoding throws. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Gives the size of the struct behind the head, by message type. */
export type BodySize = (type: number) => number;

const RTNETLINK_BODIES: readonly number[] = [ifinfomsg.size, ifaddrmsg.size, rtmsg.size];

/** Sizes for NETLINK_ROUTE: its types come in groups of four, from RTM_NEWLINK on. */
export function rtnetlinkBodySize(type: number): number {
  return RTNETLINK_BODIES[(type - RTM.RTM_NEWLINK) >> 2] ?? 0;
}

/** Far more than any protocol nests; a limit, since each level is a call deeper. */
const MAX_DEPTH = 16;

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + aligned(part.length), 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += aligned(part.length);
  }
  return bytes;
}

function encodeAttribute({ type, value }: Attribute): Uint8Array[] {
  const isNested = !(value instanceof Uint8Array);
  const content = isNested ? encodeAttributes(value) : value;
  // The length counts head and content; the padding behind them lies outside it.
  const head = nlattr.encode({
    nla_len: nlattr.size + content.length,
    nla_type: isNested ? type | NLA.NLA_F_NESTED : type,
  });
  return [head, content];
}

/**
 * Gives the bytes of attributes, each padded to 4.
 *
 * @throws {RangeError} an attribute is longer than 65,535 bytes with its head.
 */
export function encodeAttributes(attributes: readonly Attribute[]): Bytes {
  return joined(attributes.flatMap(encodeAttribute));
}

/** Gives the bytes of a message; several may be put into one datagram, one after the other. */
export function encodeMessage(message: MessageInput): Bytes {
  const { type, flags = 0, sequence = 0, port = 0, body = new Uint8Array(0), attributes = [] } = message;
  const rest = joined([body, encodeAttributes(attributes)]);
  const head = nlmsghdr.encode({
    nlmsg_len: nlmsghdr.size + rest.length,
    nlmsg_type: type,
    nlmsg_flags: flags,
    nlmsg_seq: sequence,
    nlmsg_pid: port,
  });
  return joined([head, rest]);
}

/**
 * Reads attributes. Those with NLA_F_NESTED become lists; rtnetlink's answers often nest without it:
 * there the caller decodes the value once more.
 *
 * @throws {DecodeError}
 */
export function decodeAttributes(bytes: Bytes, depth = 0): Attribute[] {
  if (depth > MAX_DEPTH) throw new DecodeError(`Attributes nest more than ${MAX_DEPTH} levels deep`);
  const attributes: Attribute[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    if (rest.length < nlattr.size) throw new DecodeError(`${rest.length} bytes are no attribute`);
    const { nla_len, nla_type } = nlattr.decode(rest);
    if (nla_len < nlattr.size || nla_len > rest.length) {
      throw new DecodeError(`An attribute of ${nla_len} bytes has ${rest.length} to lie in`);
    }
    const content = rest.slice(nlattr.size, nla_len);
    const isNested = (nla_type & NLA.NLA_F_NESTED) !== 0;
    attributes.push({
      type: nla_type & ~NLA.NLA_F_NESTED,
      value: isNested ? decodeAttributes(content, depth + 1) : content,
    });
    at += aligned(nla_len);
  }
  return attributes;
}

/**
 * Reads the message at the start of `bytes`.
 *
 * @throws {DecodeError}
 */
export function decodeMessage(bytes: Bytes, bodySize: BodySize = rtnetlinkBodySize): Message {
  if (bytes.length < nlmsghdr.size) throw new DecodeError(`${bytes.length} bytes are no message`);
  const { nlmsg_len, nlmsg_type, nlmsg_flags, nlmsg_seq, nlmsg_pid } = nlmsghdr.decode(bytes);
  if (nlmsg_len < nlmsghdr.size || nlmsg_len > bytes.length) {
    throw new DecodeError(`A message of ${nlmsg_len} bytes has ${bytes.length} to lie in`);
  }
  const rest = bytes.slice(nlmsghdr.size, nlmsg_len);
  // Types below the first of any protocol are netlink's own, with other things behind their body.
  const size = nlmsg_type < RTM.RTM_NEWLINK ? rest.length : bodySize(nlmsg_type);
  if (rest.length < size) throw new DecodeError(`A body of ${size} bytes has ${rest.length} to lie in`);
  return {
    type: nlmsg_type,
    flags: nlmsg_flags,
    sequence: nlmsg_seq,
    port: nlmsg_pid,
    body: rest.slice(0, size),
    attributes: decodeAttributes(rest.slice(aligned(size))),
  };
}

/**
 * Reads every message of a datagram.
 *
 * @throws {DecodeError}
 */
export function decodeMessages(datagram: Bytes, bodySize: BodySize = rtnetlinkBodySize): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < datagram.length;) {
    const rest = datagram.subarray(at);
    messages.push(decodeMessage(rest, bodySize));
    at += aligned(nlmsghdr.decode(rest).nlmsg_len);
  }
  return messages;
}

/** An answer that says how a request went. */
export interface Ack {
  /** 0, or the number of an error. */
  readonly errno: number;
  /** The request that it answers. */
  readonly sequence: number;
  /** What the kernel says about it, where the socket has NETLINK_EXT_ACK. */
  readonly text: string | undefined;
}

/**
 * Reads an NLMSG_ERROR message, which acknowledges too: with errno 0.
 *
 * @throws {DecodeError} it is another message.
 */
export function decodeAck({ type, flags, sequence, body }: Message): Ack {
  if (type !== NLMSG.NLMSG_ERROR) throw new DecodeError(`A message of type ${type} is no acknowledgement`);
  if (body.length < nlmsgerr.size) throw new DecodeError(`${body.length} bytes are no acknowledgement`);
  const { error, msg } = nlmsgerr.decode(body);
  if (error > 0 || error < -4095) throw new DecodeError(`${error} is no errno`);
  if ((flags & NLM_F.NLM_F_ACK_TLVS) === 0) return { errno: -error, sequence, text: undefined };
  // The request stands between unless it was cut off.
  const payload = (flags & NLM_F.NLM_F_CAPPED) === 0 ? Math.max(msg.nlmsg_len - nlmsghdr.size, 0) : 0;
  const attributes = decodeAttributes(body.slice(nlmsgerr.size + aligned(payload)));
  return { errno: -error, sequence, text: maybeText(attributes, NLMSGERR_ATTR.NLMSGERR_ATTR_MSG) };
}

/** Gives the value of the first attribute of a type that holds bytes. */
export function maybeBytes(attributes: readonly Attribute[], type: number): Bytes | undefined {
  const value = attributes.find((attribute) => attribute.type === type)?.value;
  return value instanceof Uint8Array ? value : undefined;
}

/** Gives the text of the first attribute of a type, up to its NUL. */
export function maybeText(attributes: readonly Attribute[], type: number): string | undefined {
  const bytes = maybeBytes(attributes, type);
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Gives the 32-bit number of the first attribute of a type. */
export function maybeU32(attributes: readonly Attribute[], type: number): number | undefined {
  const bytes = maybeBytes(attributes, type);
  return bytes?.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : undefined;
}
