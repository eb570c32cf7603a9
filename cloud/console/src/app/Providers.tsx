import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App, ConfigProvider } from 'antd';
import en from 'antd/locale/en_US';
import zh from 'antd/locale/zh_CN';
import { useMemo, useState } from 'react';
import { makeQueryClient } from '../api/query-client.js';
import { useLanguage } from '../i18n/use-language.js';
import { antTheme } from '../theme/ant-theme.js';
import { useThemeMode } from '../theme/theme-mode.js';
import { makeRouter } from './router.js';

/** Theme, language, data and routes around everything. */
export function Providers() {
  const mode = useThemeMode();
  const language = useLanguage();
  const [client] = useState(makeQueryClient);
  const [router] = useState(makeRouter);
  const theme = useMemo(() => antTheme(mode), [mode]);
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'en' ? en : zh}
      button={{ autoInsertSpace: false }}
      form={{ requiredMark: 'optional', scrollToFirstError: true }}
      virtual
    >
      <App message={{ maxCount: 2, duration: 3 }} component={false}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
