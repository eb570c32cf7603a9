import { useTranslation } from 'react-i18next';

const known = [
  ...(['text', 'longText', 'number', 'money', 'yesNo', 'choice', 'choices', 'category', 'date', 'instant'] as const),
  ...(['phone', 'identityNumber', 'place', 'hall', 'device', 'person', 'office', 'files', 'satisfaction'] as const),
  ...(['too_long', 'too_many', 'out_of_range', 'missing', 'not_editable'] as const),
] as const;
type Known = (typeof known)[number];

const isKnown = (code: string): code is Known => (known as readonly string[]).includes(code);

/** What is wrong with a field's value, in the reader's words. */
export function useProblemWord(): (code: string) => string {
  const { t } = useTranslation(['tickets', 'fieldWork']);
  return (code) =>
    code === 'signature' ? t('fieldWork:signature.problem') : t(`fieldProblem.${isKnown(code) ? code : 'text'}`);
}
