import { visionRuleSchema } from '@hallhub/shared/vision';
import type { CameraDocument } from '../../api/vision.js';

export interface CameraProblem {
  readonly rule: string;
  readonly what: 'name' | 'zone' | 'line' | 'fact' | 'other' | 'preset';
}

/** What the API would refuse, said before it is sent; one a rule. */
export const cameraProblems = ({ views }: Pick<CameraDocument, 'views'>): CameraProblem[] => {
  const ofRules = views.flatMap(({ rules }) =>
    rules.flatMap((rule): CameraProblem[] => {
      const parsed = visionRuleSchema.safeParse(rule);
      if (parsed.success) return [];
      const [first] = parsed.error.issues[0]?.path ?? [];
      const what =
        first === 'facts' ? 'fact' : first === 'name' || first === 'zone' || first === 'line' ? first : 'other';
      return [{ rule: rule.name, what }];
    }),
  );
  const unnamed = views.filter(({ name }) => name.trim() === '').map(() => ({ rule: '', what: 'name' as const }));
  const still = views.length > 1 && views.filter(({ preset }) => !preset).length > 1;
  return [...ofRules, ...unnamed, ...(still ? [{ rule: '', what: 'preset' as const }] : [])];
};
