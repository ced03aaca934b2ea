#include "net/tls.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <unistd.h>

#define PEM_MAX 65536
#define DAY_S 86400
#define VALID_DAYS (20 * 365)      /* longer than any agreement: what ends it is the pin */
#define PEOPLE_VALID_DAYS 397      /* what phones take from a certificate that was installed by hand */
#define PEOPLE_RENEW_DAYS 30

static int fault(struct err *err, const char *what, int rc)
{
	return err_set(err, ERR_FAULT, "%s: %s", what, gnutls_strerror(rc));
}

/* ip: of the people's listener; a certificate that a phone installs signs itself as an authority of its own. Empty: for partners, who pin it. */
struct wanted { struct str name, ip; time_t now; };

static int fill_for_phones(gnutls_x509_crt_t c, const struct wanted *x)
{
	struct in_addr at;
	int rc = gnutls_x509_crt_set_basic_constraints(c, 1, 0);
	if (rc == 0)
		rc = gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN);
	if (rc == 0)
		rc = gnutls_x509_crt_set_key_purpose_oid(c, GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (rc == 0 && inet_pton(AF_INET, x->ip.p, &at) == 1 && at.s_addr != INADDR_ANY)
		rc = gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, &at, sizeof at, GNUTLS_FSAN_APPEND);
	return rc;
}

static int fill(gnutls_x509_crt_t c, gnutls_x509_privkey_t key, const struct wanted *x)
{
	struct str name = x->name;
	time_t now = x->now;
	bool people = x->ip.n > 0;
	uint8_t serial[16];
	int rc = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);      /* positive, and never shorter */
	if (rc == 0)
		rc = gnutls_x509_crt_set_version(c, 3);
	if (rc == 0)
		rc = gnutls_x509_crt_set_serial(c, serial, sizeof serial);
	if (rc == 0)
		rc = gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, name.p, (unsigned)name.n);
	if (rc == 0)
		rc = gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, name.p, (unsigned)name.n, GNUTLS_FSAN_SET);
	if (rc == 0)
		rc = gnutls_x509_crt_set_activation_time(c, now - DAY_S);      /* clocks of partners differ */
	if (rc == 0)
		rc = gnutls_x509_crt_set_expiration_time(c, now + (time_t)(people ? PEOPLE_VALID_DAYS : VALID_DAYS) * DAY_S);
	if (rc == 0)
		rc = people ? fill_for_phones(c, x) : gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (rc == 0)
		rc = gnutls_x509_crt_set_key(c, key);
	return rc < 0 ? rc : gnutls_x509_crt_sign2(c, c, key, GNUTLS_DIG_SHA256, 0);
}

static int file_write(const char *path, const gnutls_datum_t *text, mode_t mode, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "%s cannot be written: %s", path, strerror(errno));
	bool written = write(fd, text->data, text->size) == (ssize_t)text->size && fsync(fd) == 0;
	return close(fd) == 0 && written ? 0 : err_set(err, ERR_FULL, "%s cannot be written", path);
}

static int make(const char *key_path, const char *cert_path, const struct wanted *x, struct err *err)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t cert = NULL;
	gnutls_datum_t key_pem = { 0 }, cert_pem = { 0 };
	int rc = gnutls_x509_privkey_init(&key);
	if (rc == 0)
		rc = gnutls_x509_crt_init(&cert);
	if (rc == 0)
		rc = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (rc == 0)
		rc = fill(cert, key, x);
	if (rc == 0)
		rc = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem);
	if (rc == 0)
		rc = gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &cert_pem);
	int done = rc < 0 ? fault(err, "making the TLS certificate", rc) : 0;
	if (done == 0)
		done = file_write(key_path, &key_pem, 0600, err) < 0 ? -1 : file_write(cert_path, &cert_pem, 0644, err);
	if (key_pem.data)
		wipe(key_pem.data, key_pem.size);
	gnutls_free(key_pem.data);
	gnutls_free(cert_pem.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
	return done;
}

static void paths(struct arena *mem, struct str dir, const char *stem, struct tls_identity *t)
{
	t->key_path = str_fmt(mem, S_FMT "/%s.key", S_ARG(dir), stem);
	t->cert_path = str_fmt(mem, S_FMT "/%s.crt", S_ARG(dir), stem);
}

int tls_make(struct arena *mem, struct str dir, struct str name, int64_t now_ms, struct err *err)
{
	struct tls_identity t;
	paths(mem, dir, "tls", &t);
	if (access(t.key_path.p, F_OK) == 0 && access(t.cert_path.p, F_OK) == 0)
		return 0;
	return make(t.key_path.p, t.cert_path.p, &(struct wanted){ .name = name, .now = (time_t)(now_ms / 1000) }, err);
}

static int file_read(struct arena *mem, struct str path, struct str *out, struct err *err)
{
	int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "cannot open %s", path.p);
	char *p = arena_alloc(mem, PEM_MAX + 1);
	ssize_t n = read(fd, p, PEM_MAX);
	close(fd);
	*out = (struct str){ p, n > 0 ? (size_t)n : 0 };
	return n > 0 && n < PEM_MAX ? 0 : err_set(err, ERR_FORMAT, "cannot read %s", path.p);
}

static int load(struct arena *mem, struct str dir, const char *stem, struct tls_identity *out, struct err *err)
{
	*out = (struct tls_identity){ 0 };
	paths(mem, dir, stem, out);
	if (file_read(mem, out->key_path, &out->key_pem, err) < 0 || file_read(mem, out->cert_path, &out->cert_pem, err) < 0)
		return -1;
	return tls_pin(out->cert_pem, &out->pin, err);
}

int tls_pin(struct str cert_pem, struct hash *out, struct err *err)
{
	gnutls_datum_t pem = { (unsigned char *)(uintptr_t)cert_pem.p, (unsigned)cert_pem.n }, der = { 0 };
	int rc = gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der);
	if (rc < 0)
		return err_set(err, ERR_FORMAT, "no certificate: %s", gnutls_strerror(rc));
	*out = sha256(bytes_of(der.data, der.size));
	gnutls_free(der.data);
	return 0;
}

int tls_make_next(struct arena *mem, struct str dir, struct str name, int64_t now_ms, struct tls_identity *out, struct err *err)
{
	paths(mem, dir, "tls-next", out);
	if ((access(out->key_path.p, F_OK) < 0 || access(out->cert_path.p, F_OK) < 0) &&
	    make(out->key_path.p, out->cert_path.p, &(struct wanted){ .name = name, .now = (time_t)(now_ms / 1000) }, err) < 0)
		return -1;
	return load(mem, dir, "tls-next", out, err);
}

/* The key first: a certificate without its key beside it is one whose turn was cut short, and is finished. */
int tls_turn(struct arena *mem, struct str dir, struct err *err)
{
	struct tls_identity now, next;
	paths(mem, dir, "tls", &now);
	paths(mem, dir, "tls-next", &next);
	if ((access(next.key_path.p, F_OK) == 0 && rename(next.key_path.p, now.key_path.p) < 0) || (access(next.cert_path.p, F_OK) == 0 && rename(next.cert_path.p, now.cert_path.p) < 0))
		return err_set(err, ERR_FAULT, "the new certificate cannot be put in place: %s", strerror(errno));
	return 0;
}

int tls_load(struct arena *mem, struct str dir, struct tls_identity *out, struct err *err)
{
	return load(mem, dir, "tls", out, err);
}

/* Still good for a month, and for the name or address under which phones come. */
static bool good_for(const struct tls_identity *t, const struct wanted *x)
{
	gnutls_x509_crt_t c = NULL;
	gnutls_datum_t pem = { (unsigned char *)(uintptr_t)t->cert_pem.p, (unsigned)t->cert_pem.n };
	bool any = strcmp(x->ip.p, "0.0.0.0") == 0;
	bool good = gnutls_x509_crt_init(&c) == 0 && gnutls_x509_crt_import(c, &pem, GNUTLS_X509_FMT_PEM) == 0 &&
	    gnutls_x509_crt_get_expiration_time(c) > x->now + PEOPLE_RENEW_DAYS * DAY_S && gnutls_x509_crt_check_hostname(c, any ? x->name.p : x->ip.p);
	gnutls_x509_crt_deinit(c);
	return good;
}

int tls_people(struct arena *mem, struct str dir, struct str name, struct str ip, int64_t now_ms, struct tls_identity *out, struct err *err)
{
	struct wanted x = { str_dup(mem, name), str_dup(mem, ip), (time_t)(now_ms / 1000) };
	struct err none = { 0 };
	if (load(mem, dir, "people", out, &none) == 0 && good_for(out, &x))
		return 0;
	return make(out->key_path.p, out->cert_path.p, &x, err) < 0 ? -1 : load(mem, dir, "people", out, err);
}

int tls_der(struct arena *mem, struct str cert_pem, struct bytes *out, struct err *err)
{
	gnutls_datum_t pem = { (unsigned char *)(uintptr_t)cert_pem.p, (unsigned)cert_pem.n }, der = { 0 };
	int rc = gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der);
	if (rc < 0)
		return err_set(err, ERR_FORMAT, "no certificate: %s", gnutls_strerror(rc));
	*out = bytes_dup(mem, bytes_of(der.data, der.size));
	gnutls_free(der.data);
	return 0;
}
