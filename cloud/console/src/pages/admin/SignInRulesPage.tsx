import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, InputNumber, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '../../api/people.js';
import { meQuery } from '../../api/session.js';
import { changeSignInRules, type SignInRules, signInRulesQuery } from '../../api/sign-in.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { AdminTabs } from './AdminTabs.js';
import { Providers } from './Providers.js';
import './admin.css';

/** How everybody of the organisation signs in. */
export default function SignInRulesPage() {
  const { t } = useTranslation('admin');
  const query = useQuery(signInRulesQuery);
  return (
    <Page title={t('title')} tabs={<AdminTabs active="signIn" />}>
      <div className="sign-in-rules">
        <Section title={t('rules.title')}>
          <div className="card-pad">
            {query.data ? (
              <RulesForm key={query.data.version} rules={query.data} />
            ) : query.error ? (
              <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
            ) : (
              <SkeletonLines lines={6} />
            )}
          </div>
        </Section>
        <Providers />
      </div>
    </Page>
  );
}

const numbers = [
  { name: 'trustedDeviceDays', min: 0, max: 90 },
  { name: 'idleMinutes', min: 5, max: 1_440 },
  { name: 'absoluteHours', min: 1, max: 168 },
  { name: 'passwordMinLength', min: 10, max: 64 },
  { name: 'passwordHistory', min: 0, max: 24 },
] as const;

function RulesForm({ rules }: { rules: SignInRules }) {
  const { t } = useTranslation(['admin', 'common']);
  const label = useLabel();
  const client = useQueryClient();
  const { message } = App.useApp();
  const roles = useQuery(rolesQuery);
  const [form] = Form.useForm<SignInRules>();
  const factor = Form.useWatch('secondFactor', form) ?? rules.secondFactor;
  const save = useMutation({
    mutationFn: (fields: SignInRules) =>
      changeSignInRules({
        ...rules,
        ...fields,
        requiredRoleIds: fields.secondFactor === 'required' ? (fields.requiredRoleIds ?? []) : [],
        passwordMaxAgeDays: fields.passwordMaxAgeDays ?? null,
        version: rules.version,
      }),
    onSuccess: (changed) => {
      client.setQueryData(signInRulesQuery.queryKey, changed);
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
      void message.success(t('common:saved'));
    },
  });
  return (
    <Form<SignInRules>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={rules}
      onFinish={(fields) => save.mutate(fields)}
    >
      <Form.Item name="secondFactor" label={t('rules.secondFactor')} extra={t(`rules.factorHint.${factor}`)}>
        <Radio.Group
          options={(['off', 'optional', 'required'] as const).map((value) => ({
            value,
            label: t(`rules.factor.${value}`),
          }))}
        />
      </Form.Item>
      {factor === 'required' ? (
        <Form.Item name="requiredRoleIds" label={t('rules.requiredRoles')} extra={t('rules.requiredRolesHint')}>
          <Select
            mode="multiple"
            loading={roles.isLoading}
            placeholder={t('rules.everybody')}
            options={roles.data?.map((role) => ({ value: role.id, label: label(role.label) })) ?? []}
          />
        </Form.Item>
      ) : null}
      <div className="rule-numbers">
        {numbers.map(({ name, min, max }) => (
          <Form.Item
            key={name}
            name={name}
            label={t(`rules.${name}`)}
            rules={[{ required: true, message: t('rules.range', { min, max }) }]}
          >
            <InputNumber min={min} max={max} precision={0} suffix={t(`rules.unit.${name}`)} />
          </Form.Item>
        ))}
        <Form.Item name="passwordMaxAgeDays" label={t('rules.passwordMaxAgeDays')}>
          <InputNumber
            min={1}
            max={3_650}
            precision={0}
            placeholder={t('rules.never')}
            suffix={t('rules.unit.passwordMaxAgeDays')}
          />
        </Form.Item>
      </div>
      <FormProblem error={save.error} form={form} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('rules.save')}
      </Button>
    </Form>
  );
}
