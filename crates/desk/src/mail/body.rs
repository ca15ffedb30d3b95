//! Writing a message to a mail server, part by part: which has not had the last one has not had the
//! message.

use super::smtp::{Failure, PATIENCE};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use std::{
    slice::Chunks,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Bytes that are written at once.
const PART: usize = 16 * 1024;
/// Bytes for which the mail server has a second more.
const A_SECONDS: usize = 10_000;
/// How long it may take for the answer. RFC 5321 (4.5.3.2.6) would wait ten minutes, and send again after that, which nobody
/// does here: a person says what became of it. Until then everything else that goes to central waits.
const PATIENCE_AFTER: Duration = Duration::from_mins(2);

/// A message in parts, and whether all of them are over: only then is its last dot written, without
/// which no mail server takes it.
struct Parts<'p> {
    left: Chunks<'p, u8>,
    over: &'p AtomicBool,
}

impl<'p> Iterator for Parts<'p> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.left.next();
        self.over.fetch_or(next.is_none(), Ordering::Relaxed);
        next
    }
}

/// Writes the message and waits for the answer; says, too, whether its end was reached.
pub(super) async fn written(
    connection: &mut AsyncSmtpConnection,
    bytes: &[u8],
) -> (Result<(), Failure>, bool) {
    let over = AtomicBool::new(false);
    let parts = Parts { left: bytes.chunks(PART), over: &over };
    let more = u64::try_from(bytes.len() / A_SECONDS).unwrap_or_default();
    let patience = PATIENCE + Duration::from_secs(more);
    let mut writing = Box::pin(connection.message_iter(parts));
    let mut answered = tokio::time::timeout(patience, &mut writing).await;
    if answered.is_err() && over.load(Ordering::Relaxed) {
        answered = tokio::time::timeout(PATIENCE_AFTER, &mut writing).await;
    }
    let answer = match answered {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Failure::from(error)),
        Err(_) => Err(Failure::late()),
    };
    (answer, over.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::{PART, written};
    use lettre::transport::smtp::{
        client::{AsyncSmtpConnection, AsyncTokioStream},
        extension::ClientId,
    };
    use std::{
        io,
        net::{Ipv4Addr, SocketAddr},
        pin::Pin,
        task::{Context, Poll},
    };
    use tokio::io::{
        AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf,
    };

    /// A line that holds no more than a few bytes.
    #[derive(Debug)]
    struct Narrow(DuplexStream);

    impl AsyncRead for Narrow {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(cx, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    impl AsyncTokioStream for Narrow {
        fn peer_addr(&self) -> io::Result<SocketAddr> {
            Ok((Ipv4Addr::LOCALHOST, 25).into())
        }
    }

    /// Whether the end is known to be out, where the server breaks off after so many bytes.
    async fn is_over(message: &[u8], read: usize) -> bool {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let server = async move {
            theirs.write_all(b"220 here\r\n").await.unwrap();
            let _ = theirs.read(&mut [0; 64]).await.unwrap();
            theirs.write_all(b"250 here\r\n").await.unwrap();
            theirs.read_exact(&mut vec![0; read]).await.unwrap();
        };
        let client = async move {
            let (ours, hello) = (Box::new(Narrow(ours)), ClientId::default());
            let mut connection =
                AsyncSmtpConnection::connect_with_transport(ours, &hello).await.unwrap();
            let (answer, over) = written(&mut connection, message).await;
            assert!(answer.is_err_and(|failure| failure.status.is_none()));
            over
        };
        tokio::join!(server, client).1
    }

    #[tokio::test]
    async fn law_6_what_broke_off_before_the_end_has_not_gone_out_and_after_it_nobody_knows() {
        let message = b"All the same line.\r\n".repeat(3 * PART / 20);
        let whole = message.len() + b"\r\n.\r\n".len();
        for read in [0, 1, PART, 2 * PART, message.len() - 100] {
            assert!(!is_over(&message, read).await, "{read} bytes were read");
        }
        for read in [whole - 1, whole] {
            assert!(is_over(&message, read).await, "{read} bytes were read");
        }
    }
}
