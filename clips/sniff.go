package clips

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"vssl/decode"
)

// sniffBytes are read from the head of a file: enough for every signature below and three packets of a transport stream.
const sniffBytes = 1024

var videoExtensions = strings.Fields(`.mp4 .m4v .mov .qt .mkv .webm .avi .divx .mpg .mpeg .mpe .m1v .m2v .ps .vob .ts .m2ts .mts
	.flv .f4v .wmv .asf .3gp .3g2 .ogv .ogm .rm .rmvb .mxf .nut .dv .y4m .ivf .obu .264 .h264 .avc .265 .h265 .hevc`)

var otherExtensions = map[string][]string{
	"picture": strings.Fields(".jpg .jpeg .png .bmp .tif .tiff .webp .heic .ppm .pgm .svg .ico .psd"),
	"sound":   strings.Fields(".wav .mp3 .flac .aac .m4a .ogg .opus .wma"),
	"archive": strings.Fields(".zip .tar .gz .tgz .bz2 .xz .zst .7z .rar"),
	"text":    strings.Fields(".txt .csv .tsv .json .jsonl .yaml .yml .xml .md .html .md5 .srt .vtt .log .py .go"),
}

// A signature is bytes at a fixed place that tell what a file is.
type signature struct {
	offset int
	magic  string
	kind   string
}

var signatures = []signature{
	{0, "\xff\xd8\xff", "picture"}, {0, "\x89PNG\r\n\x1a\n", "picture"}, {0, "BM", "picture"}, {0, "II*\x00", "picture"},
	{0, "MM\x00*", "picture"}, {8, "WEBP", "picture"}, {4, "ftypheic", "picture"}, {4, "ftypavif", "picture"}, {4, "ftypmif1", "picture"},
	{0, "PK\x03\x04", "archive"}, {0, "\x1f\x8b", "archive"}, {0, "BZh", "archive"}, {0, "\xfd7zXZ", "archive"},
	{0, "7z\xbc\xaf", "archive"}, {0, "Rar!", "archive"}, {0, "(\xb5/\xfd", "archive"}, {257, "ustar", "archive"},
	{8, "WAVE", "sound"}, {0, "ID3", "sound"}, {0, "fLaC", "sound"}, {0, "#!AMR", "sound"}, {4, "ftypM4A", "sound"},
	{0, "%PDF", "document"}, {0, "\x7fELF", "program"},
	{4, "ftyp", "video"}, {4, "moov", "video"}, {4, "mdat", "video"}, {4, "wide", "video"}, {4, "styp", "video"},
	{0, "\x1aE\xdf\xa3", "video"}, {8, "AVI ", "video"}, {0, "FLV\x01", "video"}, {0, "\x00\x00\x01\xba", "video"},
	{0, "\x00\x00\x01\xb3", "video"}, {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"}, {0, "DKIF", "video"},
	{0, "YUV4MPEG2", "video"}, {0, ".RMF", "video"}, {28, "\x01video", "video"}, {28, "\x80theora", "video"},
}

// notVideo says why the file at path is not taken for video; "" when it is. The content decides; the name decides where the
// content says nothing, since raw streams have no signature. Whether what is taken can be decoded shows when it is read.
func notVideo(path string) string {
	head, err := readHead(path)
	if err != nil {
		return "cannot be read: " + plainError(err)
	}
	if len(head) == 0 {
		return "empty file"
	}
	ext := strings.ToLower(filepath.Ext(path))
	named := slices.Contains(videoExtensions, ext)
	switch kind := sniff(head); {
	case kind == "video":
		return ""
	case kind != "" && named:
		return "named like a video, but holds " + withArticle(kind)
	case kind != "":
		return kind
	case named:
		return ""
	}
	for kind, list := range otherExtensions {
		if slices.Contains(list, ext) {
			return kind
		}
	}
	return unknownKind
}

// notPicture says why the file at path is not taken for a picture, "" when it is. The content alone decides, since every format
// that can be read has a signature.
func notPicture(path string) string {
	head, err := readHead(path)
	if err != nil {
		return "cannot be read: " + plainError(err)
	}
	if len(head) == 0 {
		return "empty file"
	}
	if decode.StillFormat(head) != "" {
		return ""
	}
	ext := strings.ToLower(filepath.Ext(path))
	named := slices.Contains(otherExtensions["picture"], ext) || ext == ".gif"
	switch kind := sniff(head); {
	case kind == "picture" || (kind == "" && named):
		return "picture of a format that is not read, want JPEG, PNG, WebP, GIF, BMP, TIFF or PNM"
	case kind != "" && named:
		return "named like a picture, but holds " + withArticle(kind)
	case kind != "":
		return kind
	case slices.Contains(videoExtensions, ext):
		return "video"
	}
	for kind, list := range otherExtensions {
		if slices.Contains(list, ext) {
			return kind
		}
	}
	return unknownPicture
}

func withArticle(kind string) string {
	switch kind {
	case "text", "sound":
		return kind
	case "archive":
		return "an archive"
	}
	return "a " + kind
}

// sniff names what the first bytes of a file are: video, picture, archive, sound, document, program, text, or "" when they tell
// nothing. A GIF is a video when it says that it repeats, since single pictures do not.
func sniff(head []byte) string {
	if bytes.HasPrefix(head, []byte("GIF8")) {
		if bytes.Contains(head, []byte("NETSCAPE2.0")) {
			return "video"
		}
		return "picture"
	}
	for _, s := range signatures {
		if len(head) >= s.offset+len(s.magic) && string(head[s.offset:s.offset+len(s.magic)]) == s.magic {
			return s.kind
		}
	}
	if transportStream(head, 188, 0) || transportStream(head, 192, 4) {
		return "video"
	}
	if looksLikeText(head) {
		return "text"
	}
	return ""
}

// transportStream reports whether each packet that fits into head begins with the sync byte, and at least three do.
func transportStream(head []byte, packet, offset int) bool {
	n := 0
	for i := offset; i < len(head); i += packet {
		if head[i] != 0x47 {
			return false
		}
		n++
	}
	return n >= 3
}

func looksLikeText(head []byte) bool {
	for len(head) > 0 && !utf8.FullRune(head[max(0, len(head)-utf8.UTFMax):]) {
		head = head[:len(head)-1]
	}
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		cutOff := r == utf8.RuneError && len(head)-i < utf8.UTFMax
		if (r == utf8.RuneError && n == 1 && !cutOff) || (r < ' ' && !strings.ContainsRune("\t\n\r\f", r)) {
			return false
		}
		i += n
	}
	return len(head) > 0
}

func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// plainError is the cause alone: the path is told beside it.
func plainError(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
