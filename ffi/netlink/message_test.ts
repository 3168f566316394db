import { deepEqual, equal, ok, throws } from "node:assert/strict";
import {
  AF,
  IFA,
  IFF,
  IFLA,
  IFLA_INFO,
  NLM_F,
  NLMSG,
  ROUTE,
  RTA,
  RTM,
  VETH_INFO,
} from "../constants/netlink.ts";
import { ifaddrmsg, ifinfomsg, nlmsgerr, rtmsg } from "../layout/structs.ts";
import { be32Attribute, structAttribute, textAttribute, u32Attribute, u8Attribute } from "./attribute.ts";
import {
  type Attribute,
  decodeAck,
  decodeAttributes,
  DecodeError,
  decodeMessage,
  decodeMessages,
  encodeMessage,
  maybeText,
  maybeU32,
  type MessageInput,
} from "./message.ts";

const CREATE = NLM_F.NLM_F_REQUEST | NLM_F.NLM_F_ACK | NLM_F.NLM_F_CREATE | NLM_F.NLM_F_EXCL;

interface HexCase {
  readonly name: string;
  readonly message: MessageInput;
  readonly hex: string;
}

const MESSAGES: readonly HexCase[] = [
  {
    name: "set lo up",
    message: {
      type: RTM.RTM_NEWLINK,
      flags: NLM_F.NLM_F_REQUEST | NLM_F.NLM_F_ACK,
      sequence: 1,
      body: ifinfomsg.encode({ ifi_index: 1, ifi_flags: IFF.IFF_UP, ifi_change: IFF.IFF_UP }),
    },
    hex: "20000000 10000500 01000000 00000000 00000000 01000000 01000000 01000000",
  },
  {
    name: "add 10.0.0.2/24 to link 2",
    message: {
      type: RTM.RTM_NEWADDR,
      flags: CREATE,
      sequence: 2,
      body: ifaddrmsg.encode({ ifa_family: AF.AF_INET, ifa_prefixlen: 24, ifa_index: 2 }),
      attributes: [be32Attribute(IFA.IFA_LOCAL, 0x0a000002), be32Attribute(IFA.IFA_ADDRESS, 0x0a000002)],
    },
    hex: "28000000 14000506 02000000 00000000 02180000 02000000 08000200 0a000002 08000100 0a000002",
  },
  {
    name: "add a default route through 10.0.0.1",
    message: {
      type: RTM.RTM_NEWROUTE,
      flags: CREATE,
      sequence: 3,
      body: rtmsg.encode({
        rtm_family: AF.AF_INET,
        rtm_table: ROUTE.RT_TABLE_MAIN,
        rtm_protocol: ROUTE.RTPROT_BOOT,
        rtm_scope: ROUTE.RT_SCOPE_UNIVERSE,
        rtm_type: ROUTE.RTN_UNICAST,
      }),
      attributes: [be32Attribute(RTA.RTA_GATEWAY, 0x0a000001)],
    },
    hex: "24000000 18000506 03000000 00000000 02000000 fe030001 00000000 08000500 0a000001",
  },
  {
    name: "an attribute of 5 bytes is padded outside its length",
    message: {
      type: RTM.RTM_NEWLINK,
      body: ifinfomsg.encode({}),
      attributes: [textAttribute(IFLA.IFLA_IFNAME, "eth0")],
    },
    hex: `2c000000 10000000 00000000 00000000 ${"00000000 ".repeat(4)} 09000300 65746830 00000000`,
  },
];

for (const { name, message, hex } of MESSAGES) {
  Deno.test(`encodeMessage() ${name}`, () => {
    equal(encodeMessage(message).toHex(), hex.replaceAll(" ", ""));
  });
  Deno.test(`decodeMessage() reads back: ${name}`, () => {
    deepEqual(decodeMessage(encodeMessage(message)), {
      flags: 0,
      sequence: 0,
      port: 0,
      attributes: [],
      ...message,
    });
  });
}

const VETH: MessageInput = {
  type: RTM.RTM_NEWLINK,
  flags: CREATE,
  body: ifinfomsg.encode({}),
  attributes: [
    textAttribute(IFLA.IFLA_IFNAME, "veth1234"),
    {
      type: IFLA.IFLA_LINKINFO,
      value: [
        { type: IFLA_INFO.IFLA_INFO_KIND, value: new TextEncoder().encode("veth") },
        {
          type: IFLA_INFO.IFLA_INFO_DATA,
          value: [
            structAttribute(VETH_INFO.VETH_INFO_PEER, ifinfomsg.encode({ ifi_index: 2 }), [
              textAttribute(IFLA.IFLA_IFNAME, "eth0"),
              u32Attribute(IFLA.IFLA_NET_NS_FD, 7),
            ]),
          ],
        },
      ],
    },
  ],
};

Deno.test("decodeMessage() reads nested attributes, and the peer of a veth within", () => {
  const { attributes } = decodeMessage(encodeMessage(VETH));
  deepEqual(attributes, VETH.attributes);
  const info = attributes[1]!.value as readonly Attribute[];
  const data = info[1]!.value as readonly Attribute[];
  const peer = decodeAttributes((data[0]!.value as Uint8Array<ArrayBuffer>).slice(ifinfomsg.size));
  equal(maybeText(peer, IFLA.IFLA_IFNAME), "eth0");
  equal(maybeU32(peer, IFLA.IFLA_NET_NS_FD), 7);
});

Deno.test("decodeMessages() reads a datagram of several", () => {
  const datagram = MESSAGES.map(({ message }) => encodeMessage(message).toHex()).join("");
  const types = decodeMessages(Uint8Array.fromHex(datagram)).map(({ type }) => type);
  deepEqual(types, [RTM.RTM_NEWLINK, RTM.RTM_NEWADDR, RTM.RTM_NEWROUTE, RTM.RTM_NEWLINK]);
});

function ack(error: number, flags = 0, rest: readonly Attribute[] = []): Uint8Array<ArrayBuffer> {
  const body = nlmsgerr.encode({ error, msg: { nlmsg_len: 32 } });
  return encodeMessage({ type: NLMSG.NLMSG_ERROR, flags, sequence: 5, body, attributes: rest });
}

Deno.test("decodeAck() tells success, failure and the kernel's words", () => {
  deepEqual(decodeAck(decodeMessage(ack(0))), { errno: 0, sequence: 5, text: undefined });
  deepEqual(decodeAck(decodeMessage(ack(-17))), { errno: 17, sequence: 5, text: undefined });
  const extended = ack(-22, NLM_F.NLM_F_CAPPED | NLM_F.NLM_F_ACK_TLVS, [textAttribute(1, "Invalid")]);
  deepEqual(decodeAck(decodeMessage(extended)), { errno: 22, sequence: 5, text: "Invalid" });
});

Deno.test("decodeAck() finds the kernel's words behind a request of 16 bytes that was sent back", () => {
  const body = new Uint8Array(nlmsgerr.size + 16);
  body.set(nlmsgerr.encode({ error: -1, msg: { nlmsg_len: 32 } }));
  const flags = NLM_F.NLM_F_ACK_TLVS;
  const bytes = encodeMessage({ type: NLMSG.NLMSG_ERROR, flags, body, attributes: [textAttribute(1, "no")] });
  equal(decodeAck(decodeMessage(bytes)).text, "no");
});

const BAD = [
  { why: "no head", hex: "20000000 1000" },
  { why: "a length shorter than the head", hex: "0f000000 10000500 01000000 00000000" },
  { why: "a length past the end", hex: "ff000000 10000500 01000000 00000000" },
  { why: "a body cut short", hex: "14000000 10000500 01000000 00000000 00000000" },
  { why: "an attribute of length 0", hex: `24000000 10000500 01000000 00000000 ${"00".repeat(16)} 00000300` },
  {
    why: "an attribute past the end",
    hex: `24000000 10000500 01000000 00000000 ${"00".repeat(16)} 08000300`,
  },
] as const;

for (const { why, hex } of BAD) {
  Deno.test(`decodeMessage() refuses ${why}`, () => {
    throws(() => decodeMessage(Uint8Array.fromHex(hex.replaceAll(" ", ""))), DecodeError);
  });
}

Deno.test("decodeAttributes() refuses to nest without bound", () => {
  let attribute = u8Attribute(1, 1);
  for (let level = 0; level < 40; level++) attribute = { type: 1, value: [attribute] };
  const bytes = encodeMessage({ type: RTM.RTM_NEWLINK, body: ifinfomsg.encode({}), attributes: [attribute] });
  throws(() => decodeMessage(bytes), DecodeError);
});

Deno.test("decodeAck() refuses other messages and numbers that are no errno", () => {
  throws(() => decodeAck(decodeMessage(encodeMessage(MESSAGES[0]!.message))), DecodeError);
  throws(() => decodeAck(decodeMessage(ack(1))), DecodeError);
  throws(() => decodeAck(decodeMessage(ack(-5000))), DecodeError);
});

/** Numbers from 0 to 2^32, the same for the same seed (xorshift32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Bytes that are nearly a message: a good one, cut and changed in a few places. */
function mutated(next: () => number): Uint8Array<ArrayBuffer> {
  const good = encodeMessage(next() % 4 === 0 ? VETH : MESSAGES[next() % MESSAGES.length]!.message);
  const bytes = next() % 8 === 0 ? ack(-(next() % 4096), next() & 0x3ff) : good;
  for (let changes = next() % 6; changes > 0; changes--) bytes[next() % bytes.length] = next();
  return next() % 3 === 0 ? bytes.slice(0, next() % (bytes.length + 1)) : bytes;
}

Deno.test("decodeMessages() and decodeAck() give a value or a DecodeError for any bytes", () => {
  let refused = 0;
  for (let seed = 1; seed <= 5000; seed++) {
    const bytes = mutated(generator(seed));
    try {
      for (const message of decodeMessages(bytes)) decodeAck(message);
    } catch (error) {
      ok(error instanceof DecodeError, `seed ${seed}, bytes ${bytes.toHex()}: ${error}`);
      refused++;
    }
  }
  ok(refused > 100, `only ${refused} were refused`);
});
