import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { type DraftFault, faultsWithin } from '../draft/find-faults.js';

/** What is about a field of the kind itself: people know it by its label. */
const ofFields: ReadonlySet<string> = new Set([
  ...['required_not_editable', 'field_hidden_required', 'placeholder_personal', 'no_address', 'title_not_text'],
]);

export function useFaultText(): (fault: DraftFault) => string {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind } = useDesigner();
  const nameOf = (key: string) => {
    const field = kind.fields.find((one) => one.key === key);
    return (field && label(field.label)) || key;
  };
  return ({ code, about }) => t(`fault.${code}`, { about: ofFields.has(code) ? nameOf(about ?? '') : (about ?? '') });
}

interface FaultsProps {
  place: string;
  /** Not what is wrong within it. */
  exact?: boolean;
  /** What stands there is called, where the fault itself knows its key only. */
  about?: string;
}

/** What is wrong at one place of the draft. */
export function Faults({ place, exact, about }: FaultsProps) {
  const { faults } = useDesigner();
  const text = useFaultText();
  const here = exact ? faults.filter(({ path }) => path === place) : faultsWithin(faults, place);
  if (here.length === 0) return null;
  return (
    <ul className="tk-faults">
      {here.map((fault) => (
        <li key={`${fault.code} ${fault.path} ${fault.about}`} className={`tk-fault tk-fault-${fault.severity}`}>
          {text(about === undefined ? fault : { ...fault, about })}
        </li>
      ))}
    </ul>
  );
}
