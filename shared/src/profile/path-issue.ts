/** A fault of a profile as plain data, before its place in a file is known. */
export interface PathIssue {
  path: PropertyKey[];
  message: string;
}
