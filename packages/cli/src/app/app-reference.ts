import { UsageError } from "../errors/command-error.js";

/** An app as it is named on the command line: `tasks:app`. */
export interface AppReference {
  /** A module's path without or with extension, or a package's name. */
  readonly module: string;
  /** Undefined means: `app`, else the default export. */
  readonly exportName: string | undefined;
}

/**
 * Reads `module` or `module:export`. The last colon separates, so that a path may hold others; that of a Windows drive
 * (`C:\app\tasks`) separates nothing.
 */
export function parseAppReference(text: string): AppReference {
  const colon = text.lastIndexOf(":");
  const isDrive = colon === 1 && /^[A-Za-z]:[\\/]/.test(text);
  const [module, exportName] =
    colon === -1 || isDrive ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
  if (module.trim() === "" || exportName === "") {
    throw new UsageError(
      `"${text}" names no app: write module:export, such as tasks:app for the export app of tasks.ts`,
    );
  }
  return { module, exportName };
}
