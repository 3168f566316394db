/** What the tests on the source tree look at: the files, and of each file's syntax tree its imports and functions. */

/** The checkout's root, as a path that ends in "/". */
export const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

/** One module of the tree. */
export interface Source {
  /** Relative to the root, such as `src/spec/types.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Reads all TypeScript modules below some folders of the root, in order of their paths. */
export function readSources(...folders: readonly string[]): Source[] {
  return folders.flatMap(listModules).sort().map((path) => ({
    path,
    text: Deno.readTextFileSync(ROOT + path),
  }));
}

function listModules(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return listModules(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}

/** Whether a module is a test that stands beside what it tests. */
export function isUnitTest(path: string): boolean {
  return path.endsWith("_test.ts");
}

/** One import or re-export of a module. */
export interface Import {
  /** As written, such as `../errors.ts` or `esbuild`. */
  readonly specifier: string;
  /** Whether nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

/** Lists what a module imports, at start and later. */
export function listImports({ path, text }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: unknown, kind?: string) => {
    if (typeof specifier === "string") found.push({ specifier, isTypeOnly: kind === "type" });
  };
  visit({ path, text }, {
    ImportDeclaration: (node) => add(node.source.value, node.importKind),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind),
    ExportNamedDeclaration: (node) => add(node.source?.value, node.exportKind),
    ImportExpression: (node) => add(node.source.type === "Literal" ? node.source.value : undefined),
  });
  return found;
}

/** Returns the path, relative to the root, that a relative specifier means; undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** One function, method or accessor. */
export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
}

/** Measures the functions of a module, each with what is nested in it. */
export function listFunctions(source: Source): FunctionSize[] {
  const found: FunctionSize[] = [];
  const lineOf = (offset: number) => source.text.slice(0, offset).split("\n").length;
  const add = (node: Deno.lint.Node, name: string | undefined) => {
    const [first, last] = node.range.map(lineOf);
    if (first !== undefined && last !== undefined) {
      found.push({ name: name ?? "(anonymous)", line: first, lineCount: last - first + 1 });
    }
  };
  visit(source, {
    FunctionDeclaration: (node) => add(node, node.id?.name),
    FunctionExpression: (node) => add(node, node.id?.name ?? keyName(node.parent)),
    ArrowFunctionExpression: (node) => add(node, keyName(node.parent)),
  });
  return found;
}

/** The name under which a function without one of its own is kept. */
function keyName(node: Deno.lint.Node): string | undefined {
  if (node.type === "VariableDeclarator") return node.id.type === "Identifier" ? node.id.name : undefined;
  if (node.type !== "MethodDefinition" && node.type !== "Property") return undefined;
  return node.key.type === "Identifier" ? node.key.name : undefined;
}

/** The linter's parser is at hand in every test: a plugin that reports nothing is a visitor. */
function visit({ path, text }: Source, visitor: Deno.lint.LintVisitor): void {
  Deno.lint.runPlugin({ name: "visit", rules: { visit: { create: () => visitor } } }, path, text);
}
