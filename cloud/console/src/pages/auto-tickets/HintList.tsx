import { useTranslation } from 'react-i18next';
import type { RuleHint } from '../../api/auto-tickets.js';
import { useLabel } from '../../i18n/use-language.js';
import { StatusMark } from '../../ui/StatusMark.js';

/** What a rule’s author ought to know, the grave first. */
export function HintList({ hints }: { hints: readonly RuleHint[] }) {
  const { t } = useTranslation('autoTickets');
  const label = useLabel();
  if (hints.length === 0) return null;
  return (
    <ul className="auto-hints">
      {[...hints]
        .sort((a, b) => Number(b.grave) - Number(a.grave))
        .map((hint) => (
          <li key={hint.hint}>
            <StatusMark
              tone={hint.grave ? 'bad' : 'warn'}
              shape={hint.grave ? 'cross' : 'triangle'}
              word={t(`hint.${hint.hint}`, {
                fields: hint.fields?.map((field) => label(field.label)).join('、') ?? '',
              })}
            />
          </li>
        ))}
    </ul>
  );
}
