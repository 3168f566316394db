/** What a template is once it is parsed. Types alone. */

/** A piece of a template, in the order of writing. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | Branch
  | { readonly kind: "template"; readonly at: number; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

/** `if`, `with` and `range`. */
export interface Branch {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  /** What `else` has; nothing where there is none. */
  readonly otherwise: readonly Node[];
}

/** Commands, each of which gets the value of the one before as its last argument. */
export interface Pipe {
  readonly at: number;
  /** As written, for errors. */
  readonly source: string;
  /** Names that get the value, with `$`; two at most, and only one outside of `range`. */
  readonly variables: readonly string[];
  /** Whether the variables are set, not declared. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** The first operand, and arguments. */
export interface Command {
  readonly first: Operand;
  readonly rest: readonly Operand[];
}

/** What can stand as a value; `source` is the operand as written, for errors. */
export type Operand =
  & { readonly at: number; readonly source: string }
  & (
    | { readonly kind: "dot" }
    | { readonly kind: "nil" }
    /** A literal. */
    | { readonly kind: "literal"; readonly value: unknown }
    /** `.A.B` */
    | { readonly kind: "fields"; readonly names: readonly string[] }
    /** `$x.A.B` */
    | { readonly kind: "variable"; readonly variable: string; readonly names: readonly string[] }
    /** `(pipe).A.B` */
    | { readonly kind: "pipe"; readonly pipe: Pipe; readonly names: readonly string[] }
    | { readonly kind: "function"; readonly name: string }
  );
