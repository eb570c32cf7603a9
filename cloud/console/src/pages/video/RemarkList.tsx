import { useTranslation } from 'react-i18next';
import type { Remark } from '../../api/run-report.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useAlgorithmName } from './use-algorithm-name.js';

const urgent = new Set<Remark['kind']>(['camera', 'rule', 'waiting', 'refused']);

/** What stands out, in sentences; what somebody has to do something about is marked. */
export function RemarkList({ remarks }: { remarks: Remark[] }) {
  const { t } = useTranslation('review');
  const say = useRemark();
  if (remarks.length === 0) return <p className="soft">{t('report.nothing')}</p>;
  return (
    <ul className="remarks">
      {remarks.map((remark) => (
        <li key={say(remark)}>
          <StatusMark
            {...(urgent.has(remark.kind)
              ? ({ tone: 'warn', shape: 'triangle' } as const)
              : ({ tone: 'quiet', shape: 'dot' } as const))}
            word={say(remark)}
          />
        </li>
      ))}
    </ul>
  );
}

const two = (hour: number) => `${String(hour).padStart(2, '0')}:00`;

function useRemark(): (remark: Remark) => string {
  const { t } = useTranslation('review');
  const algorithm = useAlgorithmName();
  const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`;
  return (remark) => {
    switch (remark.kind) {
      case 'nothing':
        return t('report.say.nothing');
      case 'more':
      case 'fewer':
        return t(`report.say.${remark.kind}`, { percent: percent(remark.share), before: remark.before });
      case 'most':
        return t('report.say.most', {
          ...{ algorithm: algorithm(remark.algorithm), findings: remark.findings, percent: percent(remark.share) },
        });
      case 'place':
        return t('report.say.place', { ...remark, percent: percent(remark.share) });
      case 'hour':
        return t('report.say.hour', {
          ...{ hours: `${two(remark.hour)}–${two(remark.hour + 1)}`, findings: remark.findings },
          percent: percent(remark.share),
        });
      case 'waiting':
        return t('report.say.waiting', { findings: remark.findings, percent: percent(remark.share) });
      case 'rule': {
        const { name, camera, decided, to } = remark;
        const said = { name, camera, decided, percent: percent(remark.precision) };
        return to === null ? t('report.say.rule', said) : t('report.say.ruleTo', { ...said, to });
      }
      case 'camera':
        return t('report.say.camera', {
          ...{ name: remark.name, hall: remark.hallName, outages: remark.outages },
          percent: percent(remark.uptime, 1),
        });
      case 'allUp':
        return t('report.say.allUp', { cameras: remark.cameras });
      case 'refused':
        return t('report.say.refused', { rows: remark.rows });
    }
  };
}
