/** House rules for `deno lint`: each bans what has once gone wrong elsewhere, and its hint says what to do. */

const HINTS = {
  message: 'Write "Cannot <verb> <object>[: <state found>]", without a final period and without contractions',
  exit: "Return an exit code: only the entry points, src/main*.ts, end the process",
  env: "Use callerEnv() of src/executable/caller_env.ts: dist/myctr changes HOME and DENO_* for itself",
  node:
    'Use Deno\'s own API, or "await import()" where it is needed: a node: module costs 4 to 17 ms at start',
} as const;

/** "isn't", "they're", "it's", but not the possessive of "the image's user". */
const CONTRACTION = /\w['’](t|re|ve|ll)\b|\b(it|that|there|what|who)['’]s\b/i;

/** The house plugin, as deno.json names it. */
const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "error-message": { create: checkErrorMessages },
    "no-exit": {
      create: (context) =>
        banMember(context, "exit", HINTS.exit, [
          "src/main.ts",
          "src/main_run.ts",
          "src/main_exec.ts",
          "src/main_look.ts",
          "src/main_start.ts",
          "src/main_watch.ts",
        ]),
    },
    "no-env": { create: (context) => banMember(context, "env", HINTS.env, ["src/executable/caller_env.ts"]) },
    "no-node-import": { create: banNodeImports },
  },
};

export default plugin;

function checkErrorMessages(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  return {
    NewExpression(node): void {
      if (node.callee.type !== "Identifier" || node.callee.name !== "CtrError") return;
      const message = node.arguments[1];
      if (message === undefined) return;
      for (const text of textsOf(message)) {
        if (!isHouseMessage(text)) {
          context.report({
            node: message,
            message: "Error message breaks the house form",
            hint: HINTS.message,
          });
        }
      }
    },
  };
}

/** Whether a message has the house form; an embedded value stands as "…" and is taken to be right. */
export function isHouseMessage(text: string): boolean {
  return /^(…|Cannot …|Cannot [a-z]\S* \S)/.test(text) && !text.endsWith(".") && !CONTRACTION.test(text);
}

/** The texts that an expression may become, as far as they can be read off: variables and calls are not followed. */
function textsOf(node: Deno.lint.Node): string[] {
  switch (node.type) {
    case "Literal":
      return [String(node.value)];
    case "TemplateLiteral":
      return [node.quasis.map((part) => part.cooked).join("…")];
    case "ConditionalExpression":
      return [...textsOf(node.consequent), ...textsOf(node.alternate)];
    case "BinaryExpression":
      return [leftmostText(node)].flatMap((text) => text === undefined ? [] : [text + "…"]);
    default:
      return [];
  }
}

/** The first operand of `"a" + b + c`, if that is text; the rest of the sum is not judged. */
function leftmostText(node: Deno.lint.BinaryExpression): string | undefined {
  const left = node.left;
  if (left.type === "BinaryExpression") return leftmostText(left);
  return left.type === "PrivateIdentifier" ? undefined : textsOf(left)[0];
}

function banMember(
  context: Deno.lint.RuleContext,
  member: string,
  hint: string,
  homes: readonly string[],
): Deno.lint.LintVisitor {
  if (!isProduct(context.filename) || homes.some((home) => context.filename.endsWith(home))) return {};
  return {
    MemberExpression(node): void {
      if (node.object.type !== "Identifier" || node.object.name !== "Deno") return;
      if (node.property.type !== "Identifier" || node.property.name !== member) return;
      context.report({ node, message: `Deno.${member} outside ${homes.join(" and ")}`, hint });
    },
  };
}

function banNodeImports(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!isProduct(context.filename)) return {};
  return {
    ImportDeclaration(node): void {
      if (!node.source.value.startsWith("node:") || node.importKind === "type") return;
      context.report({ node, message: `Static import of ${node.source.value}`, hint: HINTS.node });
    },
  };
}

/** What ends up in dist/myctr: not the tests, and not the programs that make the executable. */
function isProduct(filename: string): boolean {
  const path = filename.replaceAll("\\", "/");
  if (path.endsWith("_test.ts")) return false;
  if (path.includes("/src/executable/")) return path.endsWith("/caller_env.ts");
  return /\/(src|ffi)\//.test(path);
}
