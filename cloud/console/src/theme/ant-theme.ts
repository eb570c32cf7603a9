import { type ThemeConfig, theme } from 'antd';
import type { ThemeMode } from './theme-mode.js';

/** Reads one token of `tokens.css` as it stands for the current theme. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Ant Design's theme, made from the same tokens as everything else. `tokens.css` stays the only place with colours. */
export function antTheme(mode: ThemeMode): ThemeConfig {
  return {
    algorithm: mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    hashed: false,
    cssVar: { key: 'hallhub' },
    token: {
      fontFamily: token('font-sans'),
      fontFamilyCode: token('font-mono'),
      fontSize: 14,
      fontSizeSM: 12,
      fontWeightStrong: 600,
      borderRadius: 6,
      borderRadiusLG: 10,
      borderRadiusSM: 4,
      controlHeight: 32,
      colorPrimary: token('accent'),
      colorLink: token('accent'),
      colorLinkHover: token('accent-strong'),
      colorInfo: token('accent'),
      colorSuccess: token('accent'),
      colorError: token('bad'),
      colorWarning: token('warn-mark'),
      colorBgLayout: token('canvas'),
      colorBgContainer: token('surface'),
      colorBgElevated: token('raised'),
      colorBgMask: token('scrim'),
      colorBorder: token('line-strong'),
      colorBorderSecondary: token('line'),
      colorSplit: token('line'),
      colorText: token('text'),
      colorTextSecondary: token('text-2'),
      colorTextTertiary: token('text-3'),
      colorTextPlaceholder: token('text-3'),
      colorTextLightSolid: token('on-accent'),
      controlItemBgHover: token('hover'),
      controlItemBgActive: token('selected'),
      motionDurationFast: '0.1s',
      motionDurationMid: '0.14s',
      motionDurationSlow: '0.16s',
      boxShadowSecondary: token('shadow'),
      motion: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    },
    components: {
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        fontWeight: 500,
        colorTextLightSolid: token('on-accent'),
      },
      Tooltip: { colorBgSpotlight: token('text'), colorTextLightSolid: token('surface'), fontSize: 12 },
      Form: { verticalLabelPadding: '0 0 4px', itemMarginBottom: 16, labelColor: token('text-2') },
      Tabs: { horizontalMargin: '0 0 14px 0', horizontalItemPadding: '8px 0', horizontalItemGutter: 24 },
      Drawer: { footerPaddingBlock: 12, paddingLG: 20 },
      Modal: { titleFontSize: 16 },
      Segmented: { trackBg: token('sunken'), itemSelectedBg: token('segment') },
      Select: { optionSelectedFontWeight: 500 },
      Tree: { titleHeight: 30, nodeSelectedBg: token('selected') },
    },
  };
}
