/**
 * Constants of sockets and of rtnetlink.
 * Pure. Source: include/uapi/linux/netlink.h, rtnetlink.h, if.h, if_link.h, if_addr.h, veth.h,
 * include/linux/socket.h, Linux 6.12.
 */

/** Address families. */
export const AF = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
} as const;

/** Socket types, and the flags that may be added to them. */
export const SOCK = {
  SOCK_STREAM: 0x1,
  SOCK_DGRAM: 0x2,
  SOCK_RAW: 0x3,
  SOCK_SEQPACKET: 0x5,
  SOCK_NONBLOCK: 0x800,
  SOCK_CLOEXEC: 0x80000,
} as const;

/** send(2) and recv(2) flags. */
export const MSG = {
  MSG_PEEK: 0x2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_CTRUNC: 0x8,
  MSG_NOSIGNAL: 0x4000,
  MSG_CMSG_CLOEXEC: 0x40000000,
} as const;

/** Levels of setsockopt(2), and what is set there. Source: include/uapi/asm-generic/socket.h, linux/in.h, linux/in6.h. */
export const SOL = { SOL_SOCKET: 1 } as const;
export const SO = { SO_REUSEADDR: 2 } as const;
export const IPPROTO = { IPPROTO_IPV6: 41 } as const;
export const IPV6 = { IPV6_V6ONLY: 26 } as const;

/** Level and type of an ancillary message that passes descriptors. */
export const SCM = {
  SOL_SOCKET: 1,
  SCM_RIGHTS: 1,
} as const;

/** Netlink protocols: numbers, not bits. */
export const NETLINK = {
  NETLINK_ROUTE: 0,
  NETLINK_NETFILTER: 12,
} as const;

/** Message types of every netlink protocol. */
export const NLMSG = {
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
} as const;

/** Message types of rtnetlink. */
export const RTM = {
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_SETLINK: 19,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  RTM_NEWROUTE: 24,
  RTM_DELROUTE: 25,
  RTM_GETROUTE: 26,
} as const;

/** Message flags. The same bits mean one thing for GET and another for NEW. */
export const NLM_F = {
  NLM_F_REQUEST: 0x1,
  NLM_F_MULTI: 0x2,
  NLM_F_ACK: 0x4,
  NLM_F_ECHO: 0x8,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP: 0x300,
  NLM_F_REPLACE: 0x100,
  NLM_F_EXCL: 0x200,
  NLM_F_CREATE: 0x400,
  NLM_F_APPEND: 0x800,
  NLM_F_CAPPED: 0x100,
  NLM_F_ACK_TLVS: 0x200,
} as const;

/** Bits in the type of an attribute. */
export const NLA = {
  NLA_F_NESTED: 0x8000,
  NLA_F_NET_BYTEORDER: 0x4000,
} as const;

/** Attributes of an extended acknowledgement. */
export const NLMSGERR_ATTR = {
  NLMSGERR_ATTR_MSG: 1,
  NLMSGERR_ATTR_OFFS: 2,
} as const;

/** Flags of a link. */
export const IFF = {
  IFF_UP: 0x1,
  IFF_BROADCAST: 0x2,
  IFF_LOOPBACK: 0x8,
  IFF_POINTOPOINT: 0x10,
  IFF_RUNNING: 0x40,
  IFF_NOARP: 0x80,
  IFF_PROMISC: 0x100,
  IFF_MULTICAST: 0x1000,
  IFF_LOWER_UP: 0x10000,
} as const;

/** Attributes of a link. */
export const IFLA = {
  IFLA_ADDRESS: 1,
  IFLA_BROADCAST: 2,
  IFLA_IFNAME: 3,
  IFLA_MTU: 4,
  IFLA_LINK: 5,
  IFLA_MASTER: 10,
  IFLA_OPERSTATE: 16,
  IFLA_LINKINFO: 18,
  IFLA_NET_NS_PID: 19,
  IFLA_STATS64: 23,
  IFLA_AF_SPEC: 26,
  IFLA_GROUP: 27,
  IFLA_NET_NS_FD: 28,
  IFLA_EXT_MASK: 29,
  IFLA_NUM_TX_QUEUES: 31,
  IFLA_NUM_RX_QUEUES: 32,
  IFLA_LINK_NETNSID: 37,
} as const;

/** Attributes inside IFLA_LINKINFO. */
export const IFLA_INFO = {
  IFLA_INFO_KIND: 1,
  IFLA_INFO_DATA: 2,
} as const;

/** Attributes inside IFLA_INFO_DATA of a veth: an ifinfomsg, then the attributes of the peer. */
export const VETH_INFO = {
  VETH_INFO_PEER: 1,
} as const;

/** Attributes inside IFLA_INFO_DATA of a bridge. */
export const IFLA_BR = {
  IFLA_BR_FORWARD_DELAY: 1,
  IFLA_BR_STP_STATE: 5,
  IFLA_BR_VLAN_FILTERING: 7,
} as const;

/** Attributes of an address. */
export const IFA = {
  IFA_ADDRESS: 1,
  IFA_LOCAL: 2,
  IFA_LABEL: 3,
  IFA_BROADCAST: 4,
  IFA_FLAGS: 8,
} as const;

/** Flags of an address. */
export const IFA_F = {
  IFA_F_NODAD: 0x2,
  IFA_F_PERMANENT: 0x80,
  IFA_F_NOPREFIXROUTE: 0x200,
} as const;

/** Attributes of a route. */
export const RTA = {
  RTA_DST: 1,
  RTA_SRC: 2,
  RTA_IIF: 3,
  RTA_OIF: 4,
  RTA_GATEWAY: 5,
  RTA_PRIORITY: 6,
  RTA_PREFSRC: 7,
  RTA_TABLE: 15,
} as const;

/** Fields of an rtmsg: tables, protocols, scopes and types of routes. */
export const ROUTE = {
  RT_TABLE_MAIN: 254,
  RTPROT_BOOT: 3,
  RTPROT_STATIC: 4,
  RT_SCOPE_UNIVERSE: 0,
  RT_SCOPE_LINK: 253,
  RT_SCOPE_HOST: 254,
  RTN_UNICAST: 1,
} as const;
