/**
 * Where the checkout's API answers: its PUBLIC_URL, without a slash at the end. For phones it must be https, and its host registered as a
 * "request" domain of the mini program (README.md); the loopback address is for the developer tool beside the demo.
 */
export const apiUrl: string = 'http://127.0.0.1:3000'
