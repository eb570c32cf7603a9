import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import {
  certificatesQuery,
  codesQuery,
  type EnrolmentCode,
  type UnitCertificate,
  withdrawCode,
} from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { useRights } from '../../../app/session.js';
import { formatStamp } from '../../../format/time.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { ErrorState } from '../../../ui/states.js';
import { certificateLooks } from './certificate-look.js';
import './enrolment.css';

const shownCodes = 5;

/** What the unit is and was known by: certificates, and the codes that led to them. */
export function CertificateList({ unit }: { unit: Unit }) {
  const { t } = useTranslation('enrolment');
  const certificates = useQuery(certificatesQuery(unit.id));
  const codes = useQuery(codesQuery(unit.id));
  const isEmpty = certificates.data?.length === 0 && codes.data?.length === 0;
  return (
    <Section title={t('certificates.title')}>
      {certificates.error ? (
        <ErrorState error={certificates.error} onRetry={() => void certificates.refetch()} compact />
      ) : !certificates.data || !codes.data ? (
        <div className="card-pad">
          <SkeletonLines lines={3} />
        </div>
      ) : isEmpty ? (
        <p className="line-note">{t('certificates.empty')}</p>
      ) : (
        <>
          {certificates.data.length > 0 ? <CertificateTable items={certificates.data} /> : null}
          {codes.data.length > 0 ? (
            <ul className="lines enrolment-codes" aria-label={t('certificates.codes')}>
              {codes.data.slice(0, shownCodes).map((code) => (
                <CodeLine key={code.id} unit={unit} code={code} />
              ))}
            </ul>
          ) : null}
        </>
      )}
    </Section>
  );
}

function CertificateTable({ items }: { items: UnitCertificate[] }) {
  const { t } = useTranslation('enrolment');
  return (
    <div className="scroll-x">
      <table className="plain-table" aria-label={t('certificates.title')}>
        <thead>
          <tr>
            <th scope="col">{t('certificates.serial')}</th>
            <th scope="col">{t('certificates.state')}</th>
            <th scope="col">{t('certificates.how')}</th>
            <th scope="col">{t('certificates.issued')}</th>
            <th scope="col">{t('certificates.ends')}</th>
            <th scope="col">{t('certificates.authority')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">
                <code title={item.fingerprint}>{item.serial.slice(-12)}</code>
              </th>
              <td>
                <StatusMark
                  {...(item.state === 'expired' && item.replacedBy ? overLook : certificateLooks[item.state])}
                  word={t(`state.${item.state}`)}
                />
                {item.revokedWhy ? <span className="faint"> {t(`why.${item.revokedWhy}`)}</span> : null}
              </td>
              <td>{t(`how.${item.issuedBy}`)}</td>
              <td>
                <RelativeTime time={item.issuedAt} />
              </td>
              <td>{formatStamp(item.endsAt).slice(0, 10)}</td>
              <td className="soft">{item.caName}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Over, but a later one had taken its place: nothing is wrong. */
const overLook = { tone: 'quiet', shape: 'ring' } as const;

const codeLooks = {
  open: { tone: 'accent', shape: 'dashed' },
  used: { tone: 'quiet', shape: 'check' },
  expired: { tone: 'quiet', shape: 'ring' },
  withdrawn: { tone: 'quiet', shape: 'ring' },
} as const;

function CodeLine({ unit, code }: { unit: Unit; code: EnrolmentCode }) {
  const { t } = useTranslation('enrolment');
  const may = useRights();
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawCode(unit.id, code.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['units'] }),
  });
  const machine = [code.hardware?.hostName, code.hardware?.model, code.usedFrom].filter(Boolean).join(' · ');
  return (
    <li className="line">
      <StatusMark {...codeLooks[code.state]} word={t(`codeState.${code.state}`)} />
      <span className="line-text">
        {t(`kind.${code.kind}`)} · <span className="soft">{t('certificates.codeMade', { who: code.madeBy })}</span>
        {machine ? <span className="faint"> · {machine}</span> : null}
        {code.refused > 0 ? (
          <>
            {' '}
            <StatusMark tone="warn" shape="triangle" word={t('enrol.refused', { count: code.refused })} />
          </>
        ) : null}
      </span>
      <span className="line-end">
        {code.state === 'open' && may('unit.enrol') ? (
          <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t('certificates.withdraw')}
          </Button>
        ) : (
          <RelativeTime time={code.usedAt ?? code.madeAt} />
        )}
      </span>
    </li>
  );
}
