/** 138****8000: enough for its owner to know it. */
export const maskPhone = (phone: string): string =>
  phone.length < 11 ? '***' : `${phone.slice(0, 3)}****${phone.slice(-4)}`;

/** w***@example.org. */
export const maskEmail = (address: string): string => {
  const at = address.lastIndexOf('@');
  const [first = ''] = Array.from(address);
  return at < 1 ? '***' : `${first}***${address.slice(at)}`;
};

const mailbox = /^[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[^\s@<>(),;:\\"[\]\p{Cc}]+$/u;

/** One address, nothing that could become a header or a second one. */
export const isEmailAddress = (text: string): boolean => text.length <= 254 && mailbox.test(text);
