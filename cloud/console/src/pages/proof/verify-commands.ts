/** With the three files of a report and the authority's certificate beside them. */
export const verifyCommands = `openssl x509 -in signer.pem -pubkey -noout -out signer.pub
openssl dgst -sha256 -verify signer.pub -signature report.sig report.json
openssl verify -CAfile ca.pem signer.pem`;

export const hashCommand = 'sha256sum report.json';
