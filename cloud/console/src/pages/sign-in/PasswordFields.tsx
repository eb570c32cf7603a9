import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { useProblemText } from '../../ui/problem-text.js';

export interface PasswordInput {
  current: string;
  next: string;
  again: string;
}

interface PasswordFieldsProps {
  error: unknown;
  /** By the organisation's rules. */
  minLength?: number;
  /** None is asked for: an invited person has none yet, and a one-time password was typed just now. */
  withoutCurrent?: boolean;
  /** The present password, where it is known without asking: the new one must differ. */
  present?: string | undefined;
  /** The present password is the one-time one. */
  oneTime?: boolean;
  /** Tells password managers whose password this is. */
  userName: string;
}

const leastLength = 10;
const leastKinds = 3;
const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u];

/** Present password, new one, new one again, with what was wrong said at its field. */
export function PasswordFields({
  error,
  oneTime,
  userName,
  minLength = leastLength,
  withoutCurrent,
  present,
}: PasswordFieldsProps) {
  const { t } = useTranslation('signIn');
  const problem = useProblemText(error);
  const wrongCurrent =
    isApiError(error, 'unauthenticated') ||
    (isApiError(error) && error.fields.some((field) => field.path.endsWith('current')));
  const nextProblem = isApiError(error)
    ? error.fields.find((field) => /\.(next|password)$/.test(field.path))?.message
    : undefined;
  return (
    <>
      <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
      {withoutCurrent ? null : (
        <Form.Item
          name="current"
          label={t(oneTime ? 'newPassword.oneTime' : 'newPassword.current')}
          rules={[{ required: true, message: t('passwordNeeded') }]}
          {...(wrongCurrent ? { validateStatus: 'error' as const, help: t('newPassword.currentWrong') } : {})}
        >
          <Input.Password autoFocus={oneTime === true} autoComplete="current-password" size="large" maxLength={200} />
        </Form.Item>
      )}
      <Form.Item
        name="next"
        label={t('newPassword.next')}
        extra={t('newPassword.rule', { count: minLength })}
        rules={[
          { required: true, message: t('passwordNeeded') },
          { min: minLength, message: t('newPassword.tooShort', { count: minLength }) },
          {
            validator: (_, value: string | undefined) =>
              value && kinds.filter((kind) => kind.test(value)).length < leastKinds
                ? Promise.reject(new Error(t('newPassword.tooPlain')))
                : Promise.resolve(),
          },
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value && value === (present ?? getFieldValue('current'))
                ? Promise.reject(new Error(t('newPassword.same')))
                : Promise.resolve(),
          }),
        ]}
        {...(nextProblem ? { validateStatus: 'error' as const, help: nextProblem } : {})}
      >
        <Input.Password
          autoFocus={oneTime === true && withoutCurrent === true}
          autoComplete="new-password"
          size="large"
          maxLength={200}
        />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('newPassword.again')}
        dependencies={['next']}
        rules={[
          { required: true, message: t('passwordNeeded') },
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              !value || value === getFieldValue('next')
                ? Promise.resolve()
                : Promise.reject(new Error(t('newPassword.different'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" size="large" maxLength={200} />
      </Form.Item>
      {error && !wrongCurrent && !nextProblem ? (
        <p className="sign-in-problem" role="alert">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </>
  );
}
