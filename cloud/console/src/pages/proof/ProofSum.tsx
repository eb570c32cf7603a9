import { useTranslation } from 'react-i18next';
import type { ProofFigures } from '../../api/proof.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';

/** The whole of it in one line: what was written, and what became of every row. */
export function ProofSum({ figures }: { figures: ProofFigures }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const number = (value: number) => formatNumber(value, language, 0);
  const part = (key: 'stored' | 'aside' | 'thinned' | 'lost' | 'twice' | 'waiting', tone = '') => (
    <span className={`proof-part ${tone}`}>
      {t(`sum.${key}`)} <b>{number(figures[key])}</b>
    </span>
  );
  return (
    <p className="proof-sum">
      <span className="proof-part">
        {t('sum.produced')} <b>{number(figures.produced)}</b>
      </span>
      <span className="faint">=</span>
      {part('stored')}
      <span className="faint">+</span>
      {part('aside')}
      {figures.thinned > 0 ? (
        <>
          <span className="faint">+</span>
          {part('thinned')}
        </>
      ) : null}
      {figures.waiting > 0 ? (
        <>
          <span className="faint">+</span>
          {part('waiting')}
        </>
      ) : null}
      <span className="proof-gap" aria-hidden="true" />
      {part('lost', figures.lost > 0 ? 'is-bad' : '')}
      {part('twice', figures.twice > 0 ? 'is-bad' : '')}
    </p>
  );
}
