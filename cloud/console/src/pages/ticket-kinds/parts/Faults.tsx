import { useTranslation } from 'react-i18next';
import { useDesigner } from '../draft/designer.js';
import { type DraftFault, faultsWithin } from '../draft/find-faults.js';

export function useFaultText(): (fault: DraftFault) => string {
  const { t } = useTranslation('ticketKinds');
  return ({ code, about }) => t(`fault.${code}`, { about: about ?? '' });
}

/** What is wrong at one place of the draft. `exact`: not what is wrong within it. */
export function Faults({ place, exact }: { place: string; exact?: boolean }) {
  const { faults } = useDesigner();
  const text = useFaultText();
  const here = exact ? faults.filter(({ path }) => path === place) : faultsWithin(faults, place);
  if (here.length === 0) return null;
  return (
    <ul className="tk-faults">
      {here.map((fault) => (
        <li key={`${fault.code} ${fault.path} ${fault.about}`} className={`tk-fault tk-fault-${fault.severity}`}>
          {text(fault)}
        </li>
      ))}
    </ul>
  );
}
