// The peer of bench/tick: a Tessera POSIX log behind one HTTP handler. POST /add answers when the entry is sequenced, integrated and on disk.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	ctx := context.Background()
	secret, _, err := note.GenerateKey(rand.Reader, "bench")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		log.Fatal(err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: os.Args[1]})
	if err != nil {
		log.Fatal(err)
	}
	appender, _, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).WithBatching(256, 5*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /add", func(w http.ResponseWriter, r *http.Request) {
		entry, err := io.ReadAll(r.Body)
		if err == nil {
			var at tessera.Index
			if at, err = appender.Add(r.Context(), tessera.NewEntry(entry))(); err == nil {
				fmt.Fprintf(w, "%d", at.Index)
				return
			}
		}
		http.Error(w, err.Error(), http.StatusInternalServerError)
	})
	log.Fatal(http.ListenAndServe(os.Args[2], nil))
}
