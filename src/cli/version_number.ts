/** The version; a test compares it with deno.json. Pure. */

/** The version of myctr. */
export const VERSION = "0.1.0";
