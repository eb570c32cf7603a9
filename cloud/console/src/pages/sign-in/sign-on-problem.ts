/** What `/sign-in?problem=` may say; anything else reads as `failed`. */
export const signOnProblems = [
  'provider_down',
  'provider_off',
  'address_refused',
  'refused_by_provider',
  'wrong_answer',
  'expired',
  'replayed',
  'other_browser',
  'unknown_user',
  'disabled_user',
  'domain_not_allowed',
  'bad_user_name',
  'name_taken',
  'linked_elsewhere',
  'failed',
] as const;
export type SignOnProblem = (typeof signOnProblems)[number];

export const signOnProblemOf = (text: string | null): SignOnProblem | undefined => {
  if (text === null) return undefined;
  return signOnProblems.find((problem) => problem === text) ?? 'failed';
};
