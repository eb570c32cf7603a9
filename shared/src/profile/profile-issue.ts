/** Something wrong in a profile's file, said in one plain sentence. `line` and `column` count from 1. */
export interface ProfileIssue {
  file: string;
  line: number;
  column: number;
  /** Dotted path in the file; empty for the whole file. */
  path: string;
  severity: 'error' | 'warning';
  /** Short kebab-case name of the rule. */
  rule: string;
  message: string;
}

/** A place in a file: of a profile's own, or of the template or base profile that a part comes from. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** Dotted path in that file. */
  path: string;
}

/** Where a path of the resolved profile is written down. */
export type Locate = (path: readonly PropertyKey[]) => Place;

export function issueAt(
  place: Place,
  rule: string,
  message: string,
  severity: ProfileIssue['severity'] = 'error',
): ProfileIssue {
  return { ...place, severity, rule, message };
}

/** `file:line:column: message`, as compilers write it and editors understand it. */
export function formatIssue(issue: ProfileIssue): string {
  const where = issue.path === '' ? '' : `${issue.path}: `;
  return `${issue.file}:${issue.line}:${issue.column}: ${issue.severity}: ${where}${issue.message} [${issue.rule}]`;
}

/** Each once: what is wrong in a template would be said again for every profile that uses it. */
export function withoutRepeats(issues: readonly ProfileIssue[]): ProfileIssue[] {
  const seen = new Map(issues.map((issue) => [formatIssue(issue), issue]));
  return [...seen.values()];
}
