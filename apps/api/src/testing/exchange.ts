import { connect } from 'node:net'

/** Sends bytes that fetch would not send, on a connection of their own. @returns all that came until the server closed the connection */
export function exchange(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.setEncoding('utf8')
  socket.write(request)
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (part: string) => (text += part))
    socket.once('end', () => resolve(text))
    socket.once('error', reject)
  })
}
