import type { z } from 'zod';
import { checkVariants } from './compose/check-variants.js';
import { type ComposeContext, type Composed, composeProfile, type LoadedTemplate } from './compose/compose-profile.js';
import { locatorOf, type MapPiece, type Piece, pieceOf, plainOf } from './compose/piece.js';
import { type Template, templateSchema } from './compose/template-schema.js';
import { readYaml, type YamlSource } from './compose/yaml-source.js';
import { explainIssue } from './explain-issue.js';
import { issueAt, type Locate, type ProfileIssue, withoutRepeats } from './profile-issue.js';
import { type Profile, profileSchema } from './profile-schema.js';
import { findReferenceIssues, findTemplateIssues } from './references.js';

export type ParsedProfile =
  | { ok: true; profile: Profile; issues: ProfileIssue[]; locate: Locate; composed: Composed }
  | { ok: false; issues: ProfileIssue[] };

export type ParsedTemplate =
  | { ok: true; template: Template; issues: ProfileIssue[]; locate: Locate; loaded: LoadedTemplate }
  | { ok: false; issues: ProfileIssue[] };

const alone: ComposeContext = {
  template: (name) => `there is no template ${name}`,
  base: (id) => `there is no profile ${id}`,
};

/**
 * Reads a profile, merges in its templates and its base as far as the context has them, and checks syntax, schema,
 * references and variants. It never throws for what the file holds.
 */
export function parseProfile(yamlText: string, fileName: string, context: ComposeContext = alone): ParsedProfile {
  const read = readYaml(yamlText, fileName);
  return read.ok ? parseSource(read.source, context) : read;
}

/** `parseProfile` for a file whose YAML has been read. */
export function parseSource(source: YamlSource, context: ComposeContext): ParsedProfile {
  const composed = composeProfile(source, context);
  if (composed.issues.length > 0) return { ok: false, issues: composed.issues };
  const { piece } = composed;
  const locate = locatorOf(piece);
  const checked = check(piece, profileSchema, locate);
  if (!checked.ok) return checked;
  const profile = checked.value;
  const references = findReferenceIssues(profile).map(({ path, message }) =>
    issueAt(locate(path), 'reference', message),
  );
  // A fault of the profile itself would only be said again for every variant.
  const issues = references.length > 0 ? references : withoutRepeats(checkVariants(profile, piece));
  return issues.length > 0 ? { ok: false, issues } : { ok: true, profile, issues: [], locate, composed };
}

/** Reads a template; as `parseProfile`. */
export function parseTemplate(source: YamlSource): ParsedTemplate {
  const piece = pieceOf(source.plain, source);
  const locate = locatorOf(piece);
  const checked = check(piece, templateSchema, locate);
  if (!checked.ok) return checked;
  const issues = findTemplateIssues(checked.value).map(({ path, message }) =>
    issueAt(locate(path), 'reference', message),
  );
  if (issues.length > 0) return { ok: false, issues };
  const template = checked.value;
  return { ok: true, template, issues: [], locate, loaded: { template, piece: piece as MapPiece, source } };
}

function check<T>(
  piece: Piece,
  schema: z.ZodType<T>,
  locate: Locate,
): { ok: true; value: T } | { ok: false; issues: ProfileIssue[] } {
  const plain = plainOf(piece);
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.flatMap((issue) => explainIssue(issue as z.core.$ZodIssue, plain));
  return { ok: false, issues: issues.map(({ path, message }) => issueAt(locate(path), 'schema', message)) };
}
