import type { FormInstance } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { useProblemText } from '../../ui/problem-text.js';
import './parts.css';

interface FormProblemProps {
  error: unknown;
  /** Problems that name a field are shown there instead. */
  form?: FormInstance;
}

/** Why a form was not taken, with the request's id. What was typed stays. */
export function FormProblem({ error, form }: FormProblemProps) {
  const { t, i18n } = useTranslation();
  const isEnglish = i18n.language.startsWith('en');
  const problem = useProblemText(error);
  const fields = isApiError(error) ? error.fields : [];
  useEffect(() => {
    if (!form || fields.length === 0) return;
    const known = Object.keys(form.getFieldsValue() as Record<string, unknown>);
    form.setFields(
      fields.flatMap((field) => {
        const name = field.path.replace(/^body\./, '').split('.')[0] ?? '';
        return known.includes(name) ? [{ name, errors: [isEnglish ? field.message : t('problem.field')] }] : [];
      }),
    );
  }, [form, fields, isEnglish, t]);
  if (!error) return null;
  return (
    <div className="form-problem" role="alert">
      {problem.what} {problem.next}
      {problem.requestId ? (
        <div className="small">
          {t('requestId')} <code>{problem.requestId}</code>
        </div>
      ) : null}
    </div>
  );
}
