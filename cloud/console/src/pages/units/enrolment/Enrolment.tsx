import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type CodeKind, codesQuery, makeCode } from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { Icon } from '../../../ui/icons.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { useNow } from '../../../ui/use-now.js';
import { FormProblem } from '../../parts/FormProblem.js';
import { EnrolmentDone } from './EnrolmentDone.js';
import { EnrolmentSheet } from './EnrolmentSheet.js';
import './enrolment.css';

/** Makes a code, shows it, and turns to "enrolled" by itself as soon as the unit used it. */
export function Enrolment({ unit, kind }: { unit: Unit; kind: CodeKind }) {
  const { t } = useTranslation('enrolment');
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => makeCode(unit.id, kind),
    onSuccess: () => client.invalidateQueries({ queryKey: ['units', 'codes', unit.id] }),
  });
  // Once for each opening: each code ends the one before, and this runs twice while developing.
  const asked = useRef(false);
  const { mutate } = make;
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);
  const now = useNow(1000);
  // The live stream says it at once; this is for the moment when it is down.
  const codes = useQuery({ ...codesQuery(unit.id), enabled: make.data !== undefined, refetchInterval: 5_000 });
  const state = codes.data?.find(({ id }) => id === make.data?.id);
  if (!make.data) {
    return make.error ? (
      <>
        <FormProblem error={make.error} />
        <Button onClick={() => mutate()}>{t('enrol.again')}</Button>
      </>
    ) : (
      <SkeletonLines lines={6} />
    );
  }
  if (state?.state === 'used') return <EnrolmentDone unit={unit} code={state} />;
  const leftMs = Date.parse(make.data.expiresAt) - now;
  const isOver = leftMs <= 0 || state?.state === 'expired' || state?.state === 'withdrawn';
  return (
    <div className="stack">
      <EnrolmentSheet unit={unit} made={make.data} leftMs={isOver ? 0 : leftMs} refused={state?.refused ?? 0} />
      <div className="row enrolment-tools">
        <Button icon={<Icon name="printer" />} disabled={isOver} onClick={() => window.print()}>
          {t('enrol.print')}
        </Button>
        <Button type={isOver ? 'primary' : 'text'} loading={make.isPending} onClick={() => mutate()}>
          {t('enrol.again')}
        </Button>
      </div>
    </div>
  );
}
