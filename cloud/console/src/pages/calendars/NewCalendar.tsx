import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Calendar, saveCalendar } from '../../api/calendars.js';
import { NewNamed } from '../parts/NewNamed.js';

interface NewCalendarProps {
  /** The one that is shown: the new one begins as it is. */
  from: Calendar | undefined;
  taken: readonly string[];
  onMade: (code: string) => void;
  onClose: () => void;
}

const day = [{ from: '09:00', to: '17:00' }];
const bare = { zone: 'Asia/Shanghai', days: {}, week: { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] } };

export function NewCalendar({ from, taken, onMade, onClose }: NewCalendarProps) {
  const { t } = useTranslation('workCalendars');
  const client = useQueryClient();
  return (
    <NewNamed
      title={t('new')}
      okText={t('make')}
      words={{
        ...{ nameZh: t('nameZh'), nameEn: t('nameEn'), nameNeeded: t('nameNeeded') },
        ...{ code: t('code'), codeHint: t('codeHint'), codeWrong: t('codeHint') },
      }}
      taken={{ codes: taken, word: t('codeTaken') }}
      make={(code, label) => saveCalendar(0, { ...(from?.document ?? bare), code, label })}
      onMade={({ code }) => {
        void client.invalidateQueries({ queryKey: ['calendars'] });
        onMade(code);
      }}
      onClose={onClose}
    >
      {from ? <p className="faint small">{t('asShown')}</p> : null}
    </NewNamed>
  );
}
