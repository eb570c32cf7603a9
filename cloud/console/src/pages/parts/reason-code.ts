/** The unit's own sentences, which have no code on the wire, and the code whose word says the same. */
const sentences: readonly [RegExp, string][] = [
  [/^waits for approval$/, 'waits_approval'],
  [/^no profile (for|fits)\b/, 'unknown_model'],
  [/^\S+ and \S+ fit .* equally well$/, 'ambiguous'],
  [/^came back after it was retired$/, 'came_back'],
  [/^refused by a person$/, 'refused_by_person'],
  [/^retired by a person$/, 'retired_by_person'],
  [/^its messages fit the topics of /, 'fits_topics'],
  [/^unit id \d+ answers: /, 'answers_unknown'],
  [/^vendor .* fits .*, model .* fits /, 'waits_approval'],
];

/** `no profile for Acme X1` → `unknown_model`. A code, or a sentence that a person wrote, is given back as it is. */
export function reasonCode(reason: string): string {
  return sentences.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
}
